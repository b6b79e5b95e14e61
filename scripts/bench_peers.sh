#!/usr/bin/env bash
# Measures CapRL beside transformers, PyTorch and TRL on this machine, in turns, and prints the ratios.
# Usage: scripts/bench_peers.sh [CASE …] [--rounds N] [--threads N] [--model DIR]…    (--help: every option)
# Makes a Python virtual environment in target/peers the first time, which takes several GB; CAPRL_PYTHON names the Python to make it
# with (3.10 or newer). pip's own settings choose where packages come from: a build of PyTorch without CUDA is enough.
set -euo pipefail

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/target/peers/venv
wanted=$root/scripts/peers/requirements.txt

if ! cmp -s "$wanted" "$venv/installed.txt"; then
    python=${CAPRL_PYTHON:-python3}
    command -v "$python" >/dev/null || { echo "bench_peers: needs Python 3.10 or newer, and found no $python; set CAPRL_PYTHON" >&2; exit 2; }
    echo "bench_peers: installing the peers into $venv, several GB" >&2
    "$python" -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" >&2
    # Written last: an installation that failed half-way is made again.
    cp "$wanted" "$venv/installed.txt"
fi
exec "$venv/bin/python" "$root/scripts/peers/compare.py" "$@"
