#!/usr/bin/env bash
# Runs a command of CapRL as a job of Ray. Ray has unpacked this folder, and beside it, for every node that an actor runs on, the packages
# that CAPRL_JOB_PACKAGES names: jars, and last the configuration with what lies beside it. Paths are the same on every node.
set -euo pipefail

die() {
    printf 'caprl job: %s\n' "$*" >&2
    exit 2
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
unpacked=$(dirname "$(dirname "$here")")/java_jars_files
folders=
options=
input=
number=0
for name in ${CAPRL_JOB_PACKAGES:?is set by caprl submit}; do
    input=$unpacked/$name
    [ -d "$input" ] || die "Ray did not unpack the package $name in $unpacked; was this job submitted by \`caprl submit\`, to a Ray of another version?"
    folders=$folders:$input
    options="$options -Dray.job.runtime-env.jars.$number=gcs://$name.zip"
    number=$((number + 1))
done
# One that is installed on the nodes, or the one that was packed.
launcher=$here/caprl
if [ -n "${CAPRL_JOB_INSTALLED:-}" ]; then
    launcher=$CAPRL_JOB_INSTALLED/caprl
    [ -r "$launcher" ] || die "no $launcher on the head node; install CapRL there (scripts/stage.sh), or submit without --installed"
else
    export CAPRL_LIB=${folders#:}
fi
export CAPRL_JAVA_OPTS="${options# } ${CAPRL_JAVA_OPTS:-}"
cd "$input"
exec bash "$launcher" "$@"
