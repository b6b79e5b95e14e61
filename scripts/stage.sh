#!/usr/bin/env bash
# Copies what runs, and nothing else, into a new folder: launcher, jars, and the set-up of Ray. Neither Maven nor sources are needed there.
#
#   scripts/stage.sh /opt/caprl && /opt/caprl/caprl --version
set -euo pipefail
root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${1:?usage: scripts/stage.sh FOLDER}
if [ -e "$target" ]; then
    echo "stage: $target exists; choose another folder, or move it away" >&2
    exit 2
fi
"$root/caprl" --version >/dev/null 2>&1 || { echo "stage: ./caprl does not start; build first: mvn -DskipTests package" >&2; exit 2; }
jar=("$root"/caprl-cli/target/caprl-cli-*.jar)
IFS=: read -r -a jars <<<"${jar[0]}:$(<"$root/caprl-cli/target/classpath.txt")"
aside=$target.staging.$$
trap 'rm -rf "$aside"' EXIT
mkdir -p "$aside/lib" "$aside/scripts"
cp "${jars[@]}" "$aside/lib/"
cp "$root/caprl" "$root/pom.xml" "$aside/"
cp "$root/scripts/setup-ray.sh" "$aside/scripts/"
cp -r "$root/configs" "$aside/"
(IFS=: && printf '%s\n' "${jars[*]##*/}") >"$aside/classpath.txt"
mv "$aside" "$target"
