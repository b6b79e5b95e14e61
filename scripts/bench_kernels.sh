#!/usr/bin/env bash
# Measures kernels of the cpu backend with JMH, beside oneDNN's own rate and what memory allows.
# Usage: scripts/bench_kernels.sh [JMH option …] [REGEX]     such as: scripts/bench_kernels.sh ProductBenchmark -p shape=32x768x256
# Needs a JDK 25 in JAVA_HOME or on PATH, and Maven.
set -euo pipefail

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
home=$(./caprl doctor --json 2>/dev/null | sed -n 's/.*"home" : "\(.*\)".*/\1/p' | head -n 1)
[ -n "$home" ] || { echo "bench_kernels: ./caprl doctor names no JDK; run it to see why" >&2; exit 2; }
JAVA_HOME=$home mvn -q -B -Dstyle.color=never -Pjmh -pl caprl-core test-compile dependency:build-classpath -Dmdep.includeScope=test \
    -Dmdep.outputFile=target/jmh-classpath.txt >&2
flags=$(sed -n 's:.*<caprl\.jvm\.flags>\(.*\)</caprl\.jvm\.flags>.*:\1:p' pom.xml)
# shellcheck disable=SC2086
exec "$home/bin/java" -cp "caprl-core/target/test-classes:caprl-core/target/classes:$(<caprl-core/target/jmh-classpath.txt)" \
    org.openjdk.jmh.Main -jvmArgs "$flags" "$@"
