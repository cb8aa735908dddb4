#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Native memory of a run: resident size less a heap that is fixed and touched in advance, every ten
# seconds, the median of each minute, and how far minutes 2 to 10 lie apart. Linux.
#
#     infra/bench/memory.sh [JOB] [MINUTES] [key=value…]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
job=${1:-eight-gaussians}
minutes=${2:-10}
heap_mib=1024
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

settings=()
for setting in "${@:3}"; do settings+=(--set "$setting"); done
FAVSTREAM_JAVA_OPTS="-Xms${heap_mib}m -Xmx${heap_mib}m -XX:+AlwaysPreTouch" \
  "$root/favstream" run "$job" --duration "${minutes}m" --out "$out/run" "${settings[@]}" >"$out/log" 2>&1 &
pid=$!
begin=$SECONDS
while kill -0 "$pid" 2>/dev/null; do
  kib=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
  # The same process first runs the build's script; it is Java from its first gigabyte on.
  if [ "${kib:-0}" -gt $((heap_mib * 1024)) ]; then
    echo "$(((SECONDS - begin) / 60)) $((kib / 1024 - heap_mib))"
  fi
  sleep 10
done | sort -k1,1n -k2,2n | awk -v last="$minutes" '
  { values[$1] = values[$1] " " $2 }
  END {
    for (minute = 0; minute < last; minute++) {
      n = split(values[minute], v, " ")
      if (n == 0) continue
      median = v[int((n + 1) / 2)]
      printf "minute %2d  native %d MiB\n", minute + 1, median
      if (minute >= 1) {
        if (least == 0 || median < least) least = median
        if (median > most) most = median
      }
    }
    printf "minutes 2 to %d: %d to %d MiB, %.1f %% apart\n", last, least, most, 100 * (most - least) / least
  }'
wait "$pid" || { tail -n 5 "$out/log" >&2; exit 1; }
