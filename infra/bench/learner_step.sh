#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# One learner step, ours and PyTorch's in turn, on one thread, CPU time of the whole process.
#
#     ./mvnw -ntp -q -pl infra/bench -am -DskipTests package
#     apt-get install python3-torch libopenblas0-pthread
#     infra/bench/learner_step.sh [ROUNDS]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# As ./favstream sets them, and the same for PyTorch.
export MALLOC_MMAP_THRESHOLD_=268435456 MALLOC_TRIM_THRESHOLD_=268435456

for _ in $(seq "${1:-3}"); do
  java --add-modules=jdk.incubator.vector -Dai.djl.offline=true -Dai.djl.pytorch.num_threads=1 \
    -Dai.djl.pytorch.num_interop_threads=1 -XX:+UseSerialGC -Xmx512m \
    -cp "$here/target/benchmarks.jar:$here/target/lib/*" org.favstream.bench.LearnerStepTimer 600 \
    2> >(grep -v 'incubator modules' >&2)
  for kernel in "" HASWELL SKYLAKEX; do
    env ${kernel:+OPENBLAS_CORETYPE=$kernel} "$here/pytorch/learner_step.py" --steps 60
  done
done
