// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Generation;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.Noise;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.Tensor;
import org.favstream.reward.model.RewardModel;

/** Groups of four particles of two numbers, and rewards of them. */
final class Groups {
  private Groups() {}

  static Generation group(long counter, float... particles) {
    return new Generation(
        "run",
        new GroupId("sampler", 1, counter),
        9,
        new Noise(17, counter),
        Optional.empty(),
        Tensor.of(new int[] {1, particles.length / 2, 2}, particles),
        Optional.empty(),
        5);
  }

  /** Particles that are unlike those of any other group. */
  static Generation group(long counter) {
    float[] particles = new float[8];
    for (int i = 0; i < particles.length; i++) {
      particles[i] = (float) Math.sin(1 + counter * 8 + i);
    }
    return group(counter, particles);
  }

  static ConsumerRecord<String, byte[]> record(int partition, Generation group) {
    return new ConsumerRecord<>(
        "generations",
        partition,
        group.id().counter(),
        group.id().key(),
        Codec.GENERATION.encode(group));
  }

  static RewardDefinition definition(String name) {
    return new RewardDefinition(
        new RewardVersion(name, 1), "fake", Map.of(), List.of(), Optional.empty(), 2, 0);
  }

  /** So many times the sum of a particle's numbers, with its gradient. */
  static RewardModel.Rewards sums(RewardModel.Block block, float factor) {
    float[] values = new float[block.rows()];
    float[] gradients = new float[block.rows() * block.d()];
    for (int i = 0; i < gradients.length; i++) {
      values[i / block.d()] += factor * block.values()[i];
      gradients[i] = factor;
    }
    return new RewardModel.Rewards(values, gradients);
  }
}
