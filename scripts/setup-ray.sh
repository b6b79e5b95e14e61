#!/usr/bin/env bash
# Makes the Python environment that Ray runs from: the wheel of the version that pom.xml pins (property ray.version), about 400 MB on disk.
#
#   scripts/setup-ray.sh              in target/ray/venv, where ./caprl and the tests look
#   scripts/setup-ray.sh /opt/ray     in another folder, as for a node of a cluster; then put /opt/ray/bin on PATH
#   scripts/setup-ray.sh --for-tests  as the first, but where it can't be made says so, loudly, and succeeds: the tests skip
#
# An environment that is there and whole is left as it is. The folder appears as the last step, as a link to FOLDER-VERSION: what a
# broken start left behind is never taken for whole, and is made anew. Environment: PYTHON (the interpreter, python3), PIP_* as for pip.
set -euo pipefail

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
for_tests=false
folder=
for argument in "$@"; do
    case $argument in
        --for-tests) for_tests=true ;;
        -h | --help)
            sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
            exit 0
            ;;
        -*)
            echo "setup-ray: unknown option $argument; expected [--for-tests] [FOLDER]" >&2
            exit 2
            ;;
        *) folder=$argument ;;
    esac
done
folder=${folder:-$root/target/ray/venv}
python=${PYTHON:-python3}

# What stops the set-up: an error, or for the tests a reason to skip.
die() {
    if $for_tests; then
        printf '%s\n' "" \
            "################################################################################" \
            "# THE TESTS ON A RAY CLUSTER ARE SKIPPED: there is no Ray, and none can be made." >&2
        printf '# %s\n' "$@" "To run them: scripts/setup-ray.sh, then mvn verify" >&2
        printf '%s\n' "################################################################################" "" >&2
        exit 0
    fi
    printf 'setup-ray: %s\n' "$@" >&2
    exit 2
}

version=$(sed -n 's/.*<ray\.version>\(.*\)<\/ray\.version>.*/\1/p' "$root/pom.xml" | head -n 1)
[ -n "$version" ] || die "found no property ray.version in $root/pom.xml"

# Whole and of this version, by files alone: nothing is started.
whole() {
    local jar
    for jar in "$folder"/lib/python3*/site-packages/ray/jars/ray_dist.jar; do
        [ -s "$jar" ] && [ -x "$folder/bin/python" ] && [ -x "$folder/bin/ray" ] \
            && [ -d "${jar%/ray/jars/ray_dist.jar}/ray-$version.dist-info" ] && return
    done
    return 1
}

# The name by which a build, which can't look into the environment, knows Ray's runtime.
name_jar() {
    local jar
    [ "$folder" = "$root/target/ray/venv" ] || return 0
    for jar in "$folder"/lib/python3*/site-packages/ray/jars/ray_dist.jar; do
        [ "$(readlink "$root/target/ray/ray_dist.jar")" = "${jar#"$root/target/ray/"}" ] \
            || ln -sfn "${jar#"$root/target/ray/"}" "$root/target/ray/ray_dist.jar"
    done
}

if whole; then
    name_jar
    $for_tests || echo "setup-ray: Ray $version is in $folder"
    exit 0
fi
if [ -e "$folder" ] && [ ! -L "$folder" ]; then
    die "$folder exists and is no environment with Ray $version; choose another folder, or move it away"
fi
command -v "$python" >/dev/null || die "needs Python 3.10 or newer, and found no $python on PATH." \
    "Install it, for example \`apt-get install python3 python3-venv\` or https://www.python.org, or set PYTHON to it."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
    || die "needs Python 3.10 or newer; $(command -v "$python") is $("$python" --version 2>&1). Set PYTHON to a newer one."
"$python" -c 'import ensurepip, venv' 2>/dev/null || die "$(command -v "$python") has no venv with pip." \
    "Install it, for example \`apt-get install python3-venv\`, or set PYTHON to an interpreter that has it."

mkdir -p "$(dirname "$folder")" || die "can't write in $(dirname "$folder"); give another folder"
folder=$(cd -P "$(dirname "$folder")" && pwd)/$(basename "$folder")
made=$folder-$version
# Two starts at once make it once.
if command -v flock >/dev/null; then
    exec 9>"$folder.lock"
    flock 9
    if whole; then
        name_jar
        exit 0
    fi
fi

echo "setup-ray: making $folder with Ray $version: about 120 MB are fetched from the package registry, 400 MB are kept" >&2
rm -rf "$made"
log=$folder.log
if ! { "$python" -m venv "$made" && "$made/bin/python" -m pip install --no-input --progress-bar off "ray[default]==$version"; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    rm -rf "$made"
    die "the environment could not be made; the lines above and $log say why." \
        "Without access to a package registry, set PIP_INDEX_URL or PIP_FIND_LINKS to where the wheels are."
fi
"$made/bin/python" -c "import ray; assert ray.__version__ == '$version', ray.__version__" >>"$log" 2>&1 \
    || die "the environment in $made does not start; $log says why"
ln -s "$(basename "$made")" "$folder.new.$$"
mv -fT "$folder.new.$$" "$folder" 2>/dev/null || { rm -f "$folder" && mv "$folder.new.$$" "$folder"; }
whole || die "the environment in $folder is not whole; $log says what was installed"
name_jar
rm -f "$log"
echo "setup-ray: Ray $version is in $folder" >&2
