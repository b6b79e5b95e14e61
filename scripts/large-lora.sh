#!/usr/bin/env bash
# Makes a random checkpoint of 384 million weights (Qwen2.5-VL-3B's widths, 4 of 36 decoder layers and 2 of 32 vision blocks, a small
# vocabulary; 0.77 GB in bfloat16), captions an image with it and trains adapters on it for a step, each with time and peak of resident
# memory; before that the plan. Usage: scripts/large-lora.sh OUT    OUT must not exist; it takes 0.8 GB of disk, the run 2 GB of memory.
set -euo pipefail

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ $# = 1 ] || { sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }
out=$1
[ ! -e "$out" ] || { echo "large-lora: $out exists; give another folder" >&2; exit 2; }
mkdir -p "$out"
out=$(cd -P "$out" && pwd)

# Runs a command, then says what it took; without GNU time, how long it took alone.
measured() {
    if [ -x /usr/bin/time ]; then
        /usr/bin/time -f 'took %e s, at most %M KiB resident' "$@"
    else
        time "$@"
    fi
}

measured "$root/caprl" init --kind policy --out "$out/policy" --dtype bfloat16 --hidden 2048 --head-width 128 --kv-heads 2 \
    --inner 11008 --layers 4 --vision-hidden 1280 --vision-head-width 80 --vision-inner 3420 --vision-depth 2
"$root/caprl" init --kind answerer --out "$out/answerer" --seed 2
"$root/caprl" data synth --out "$out/data" --train 8 --eval 2 --seed 1
cat >"$out/run.yaml" <<END
run: {output: $out/runs, name: large-lora}
seed: 1
data: {train: $out/data/train.jsonl, eval: $out/data/eval.jsonl}
policy: {path: policy, dtype: bfloat16, lora: {r: 16, alpha: 32, vision: true}}
answerer: {path: answerer, template: short}
rollout: {captions_per_prompt: 8, max_new_tokens: 64}
reward: {questions_per_caption: 8}
trainer: {steps: 1, prompts_per_step: 2, lr: 1.0e-4}
END

measured "$root/caprl" caption --model "$out/policy" --dtype bfloat16 --max-new-tokens 64 --image "$out/data/images/eval-000000.png"
measured "$root/caprl" train "$out/run.yaml" --plan
measured "$root/caprl" train "$out/run.yaml"
grep -o '"memory/[a-z_]*":[0-9.E]*\|"time/[a-z_]*":[0-9.E-]*' "$out/runs/large-lora/metrics.jsonl" | sort | uniq
