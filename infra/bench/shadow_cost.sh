#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What a shadow costs the learner: a run of the toy whose reward's negative is in shadow at share
# 0.1 and is not, in turn; learner steps a second of each phase, and the medians' ratio. The first
# pair is left out of it: the JVM compiles until then. Needs python3.
#
#     infra/bench/shadow_cost.sh [PAIRS]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
pairs=${1:-6}
phase_seconds=40
folder=$(mktemp -d)
run="$folder/run"

"$root/favstream" run eight-gaussians --out "$run" --duration 0s >"$folder/said.txt" 2>&1 &
pid=$!
trap 'kill "$pid" 2>/dev/null || true; wait "$pid" || true; rm -rf "$folder"' EXIT

# Seconds and steps of the newest tick.
now() {
  python3 - "$run/metrics.jsonl" <<'PY'
import json, sys
ticks = [tick for tick in map(json.loads, open(sys.argv[1])) if "generationsPerSecond" in tick]
print(ticks[-1]["t"], ticks[-1]["step"])
PY
}

phase() {
  "$root/favstream" reward shadow flipped --share "$2" --run "$run" >/dev/null
  sleep 3
  local begin
  begin=$(now)
  sleep "$phase_seconds"
  echo "$1 $begin $(now)" | awk '{ printf "%s %.2f steps/s\n", $1, ($5 - $3) / ($4 - $2) }'
}

for ((tries = 0; tries < 60; tries++)); do
  if ! kill -0 "$pid" 2>/dev/null; then
    cat "$folder/said.txt" >&2
    exit 1
  fi
  grep -q '^ .*step [1-9]' "$folder/said.txt" && break
  sleep 1
done
"$root/favstream" reward add flipped --sum eight-gaussians=-1 --run "$run"
for ((pair = 0; pair < pairs; pair++)); do
  phase shadow 0.1
  phase alone 0
done | tee "$folder/rates.txt"

tail -n +3 "$folder/rates.txt" | python3 -c '
import statistics, sys
rates = {}
for line in sys.stdin:
    what, rate, _ = line.split()
    rates.setdefault(what, []).append(float(rate))
print("with a shadow / alone: %.3f" % (statistics.median(rates["shadow"]) / statistics.median(rates["alone"])))'
