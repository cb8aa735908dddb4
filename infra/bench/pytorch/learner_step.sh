#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs learner_step.py under each of OpenBLAS's kernels for this kind of processor, then under other
# allocators. Arguments go to learner_step.py (--json, --velocity NAME, --steps N, ...).
#
#     apt-get install python3-torch libopenblas0-pthread    # and perhaps libjemalloc2
set -eu
here=$(dirname "$0")

for kernel in "" HASWELL ZEN SKYLAKEX; do
  if [ -z "$kernel" ]; then
    "$here/learner_step.py" "$@"
  else
    OPENBLAS_CORETYPE=$kernel "$here/learner_step.py" "$@"
  fi
done

# glibc maps and unmaps memory for every large tensor, which the page faults make slow.
MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=2147483648 \
  OPENBLAS_CORETYPE=SKYLAKEX "$here/learner_step.py" "$@"
for library in /usr/lib/*/libjemalloc.so.2 /usr/lib/*/libtcmalloc_minimal.so.4; do
  if [ -e "$library" ]; then
    LD_PRELOAD=$library OPENBLAS_CORETYPE=SKYLAKEX "$here/learner_step.py" "$@"
  fi
done
