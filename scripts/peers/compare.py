#!/usr/bin/env python3
"""Runs cases of `caprl bench` and the same with transformers, PyTorch and TRL in turns, and prints the ratios. See bench_peers.sh."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = {"GENERATE": "transformers", "ANSWER": "transformers", "REWARD": "transformers", "SFT_STEP": "PyTorch", "POLICY_STEP": "PyTorch", "GRPO_STEP": "TRL"}


def ours(case, asked):
    """What `caprl bench` says of one case, and of the machine."""
    command = [str(ROOT / "caprl"), "bench", case, "--json", "--threads", str(asked.threads), "--dtype", asked.dtype,
               "--warmup", str(asked.warmup)]
    if asked.model:
        command += ["--model", *asked.model]
    if asked.answerer:
        command += ["--answerer", asked.answerer]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if run.returncode:
        sys.exit(f"{' '.join(command)} ended with {run.returncode}:\n{run.stderr}")
    report = json.loads(run.stdout)
    return report["machine"], report["cases"][0]


def theirs(case, asked):
    command = [sys.executable, str(ROOT / "scripts/peers/measure.py"), "--threads", str(asked.threads), "--dtype", asked.dtype]
    given = {**case, "times": None, "profile": None}
    run = subprocess.run(command, input=json.dumps(given), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if run.returncode:
        sys.exit(f"{' '.join(command)} ended with {run.returncode}:\n{run.stderr}")
    return json.loads(run.stdout.strip().splitlines()[-1])


def milliseconds(seconds):
    return f"{seconds * 1e3:,.1f}" if seconds < 1 else f"{seconds * 1e3:,.0f}"


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench_peers.sh",
                                     description="Measures CapRL beside transformers, PyTorch and TRL on this machine, in turns.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="cases of `caprl bench --list`; all of them if none is named")
    parser.add_argument("--rounds", type=int, default=3, help="times that each side measures each case, in turns (default: 3)")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"], help="of models that only generate or answer")
    parser.add_argument("--warmup", type=float, default=5, help="seconds before our side counts (default: 5)")
    parser.add_argument("--model", action="append", metavar="DIR", help="a Qwen2 or a Qwen2.5-VL in place of small random models; repeats")
    parser.add_argument("--answerer", metavar="DIR")
    parser.add_argument("--json", metavar="FILE", help="also write every number there")
    asked = parser.parse_args()
    listed = subprocess.run([str(ROOT / "caprl"), "bench", "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    every = [line.split()[0] for line in listed]
    usual = [line for line in listed if "only if named" not in line]
    chosen = [c for c in every if any(c == n or c.startswith(n + "-") for n in asked.cases)] if asked.cases else usual
    if not chosen:
        sys.exit(f"no such case; there are: {', '.join(every)}")
    begin = time.time()
    found = {}
    machine = versions = None
    for turn in range(asked.rounds):
        for case in chosen:
            machine, mine = ours(case, asked)
            peer = theirs(mine, asked)
            versions = peer["torch"], peer["transformers"]
            pair = statistics.median(mine["times"]["seconds"]), statistics.median(peer["seconds"])
            found.setdefault(case, {"definition": mine["definition"], "pairs": []})["pairs"].append(pair)
            done = turn * len(chosen) + chosen.index(case) + 1
            left = (time.time() - begin) / done * (asked.rounds * len(chosen) - done)
            print(f"{turn + 1}/{asked.rounds} {case:22} {milliseconds(pair[0]):>9} ms, peer {milliseconds(pair[1]):>9} ms, "
                  f"{pair[1] / pair[0]:5.1f}x   ({left / 60:.0f} min left)", file=sys.stderr, flush=True)
    speed = machine["speed"]
    print(f"{machine['processor']['name']} ({' '.join(machine['processor']['instruction_sets'])}), {asked.threads} threads, {asked.dtype}; "
          f"matrix product {speed['gemm_gflops']:.0f} GFLOP/s, copy {speed['copy_gbps']:.0f} GB/s; torch {versions[0]}, "
          f"transformers {versions[1]}; medians of {asked.rounds} turns\n")
    print("| case | ours, ms | peer, ms | peer | times faster | least to most |")
    print("|---|---|---|---|---|---|")
    for case, all_of in found.items():
        mine, peer = zip(*all_of["pairs"])
        ratios = [p / m for m, p in all_of["pairs"]]
        print(f"| `{case}` | {milliseconds(statistics.median(mine))} | {milliseconds(statistics.median(peer))} "
              f"| {PEERS[all_of['definition']['work']]} | {statistics.median(ratios):.1f} | {min(ratios):.1f} to {max(ratios):.1f} |")
    if asked.json:
        Path(asked.json).write_text(json.dumps({"machine": machine, "torch": versions[0], "transformers": versions[1], "cases": found}, indent=1))


if __name__ == "__main__":
    main()
