#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Native memory of a run: resident size less a heap that is fixed and touched in advance, every ten
# seconds; then the median of each minute, and how far those from minute 2 on lie apart. Linux.
# Takes what favstream run takes.
#
#     infra/bench/memory.sh eight-gaussians --duration 10m
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
heap_mib=1024
samples=$(mktemp)
trap 'rm -f "$samples"' EXIT

FAVSTREAM_JAVA_OPTS="-Xms${heap_mib}m -Xmx${heap_mib}m -XX:+AlwaysPreTouch" "$root/favstream" run "$@" &
pid=$!
trap 'kill "$pid"' INT TERM
begin=
while kill -0 "$pid" 2>/dev/null; do
  kib=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
  # The same process first runs the launcher; it is Java from its first gigabyte on.
  if [ "${kib:-0}" -gt $((heap_mib * 1024)) ]; then
    begin=${begin:-$SECONDS} # of the run, not of a build before it
    echo "$(((SECONDS - begin) / 60)) $((kib / 1024 - heap_mib))" >>"$samples"
  fi
  sleep 10
done
status=0
wait "$pid" || status=$?

sort -k1,1n -k2,2n "$samples" | awk '
  { values[$1] = values[$1] " " $2; last = $1 }
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
    if (least > 0) printf "minutes 2 to %d: %d to %d MiB, %.1f %% apart\n", last, least, most, 100 * (most - least) / least
  }'
exit "$status"
