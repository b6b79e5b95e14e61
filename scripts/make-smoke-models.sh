#!/usr/bin/env bash
# Makes the two models of configs/smoke.yaml from nothing: small random checkpoints, then supervised training on drawn scenes.
# Usage: scripts/make-smoke-models.sh [--force] [OUT]    OUT gets policy/ and answerer/ (default: configs/smoke)
# Without --force it refuses to replace models. What replaces them is complete before they are removed.
set -euo pipefail

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
force=
out=
for argument in "$@"; do
    case $argument in
        --force) force=yes ;;
        -h | --help)
            sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}"
            exit 0
            ;;
        -*)
            echo "make-smoke-models: unknown option $argument; there is --force" >&2
            exit 2
            ;;
        *)
            [ -z "$out" ] || { echo "make-smoke-models: one folder, got '$out' and '$argument'" >&2; exit 2; }
            out=$argument
            ;;
    esac
done
out=${out:-$root/configs/smoke}

for kind in policy answerer; do
    if [ -e "$out/$kind" ] && [ -z "$force" ]; then
        echo "make-smoke-models: $out/$kind exists; give --force to replace it, or another folder" >&2
        exit 2
    fi
done

mkdir -p "$out"
aside=$(mktemp -d "$out/.making.XXXXXX")
trap 'rm -rf "$aside"' EXIT

start() { # kind, seed of the random weights, sizes
    "$root/caprl" init --kind "$1" --out "$aside/$1-init" --seed "$2" "${@:3}"
}
learn() { # config, model to start from, result
    "$root/caprl" sft "$root/configs/smoke-$1-sft.yaml" "model.path=$aside/$2" "output=$aside/$3"
}

start policy 1
learn policy-see policy-init policy-see
learn policy policy-see policy
start answerer 2 --layers 6 --inner 256 --kv-heads 4
learn answerer-lookup answerer-init answerer-lookup
learn answerer answerer-lookup answerer
for kind in policy answerer; do
    rm -rf "${out:?}/$kind"
    mv "$aside/$kind" "$out/$kind"
done
du -sh "$out/policy" "$out/answerer"
