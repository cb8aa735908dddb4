// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.favstream.protocol.Noise;
import org.favstream.reward.RewardVectors;
import org.favstream.reward.RewardVectors.Case;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Meets the estimates of the test vectors (float64, the perturbations given) within {@code 1e-5 ·
 * max(1, |v|)}.
 */
class NesVectorTest {
  private static final String REWARD = "sum(sin(x)) + 0.5*sum(x^2)";

  /** The one reward that the vectors name. */
  private static double[] values(int rows, double[] particles, float[] contexts) {
    double[] values = new double[rows];
    int d = particles.length / rows;
    for (int i = 0; i < particles.length; i++) {
      values[i / d] += Math.sin(particles[i]) + 0.5 * particles[i] * particles[i];
    }
    return values;
  }

  @TestFactory
  List<DynamicTest> shouldMeetTheGradients() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Case one : RewardVectors.read("nes-gradient.json")) {
      String reward = one.field("reward").asText();
      if (!reward.equals(REWARD)) {
        throw new IllegalArgumentException(one.name() + " has an unknown reward " + reward);
      }
      tests.add(DynamicTest.dynamicTest(one.name(), () -> assertMeets(one)));
    }
    return tests;
  }

  private static void assertMeets(Case one) {
    int rows = one.field("B").asInt();
    int d = one.field("d").asInt();
    NesReward nes =
        new NesReward(
            NesVectorTest::values,
            new NesReward.Settings(one.number("sigma"), one.field("samples").asInt()));
    double[] x = one.numbers("x");
    RewardModel.Block block =
        new RewardModel.Block(1, rows, d, one.floats("x"), new float[0], new Noise(0, 0));
    RewardModel.Rewards rewards = nes.evaluate(block, one.floats("noise"));
    RewardVectors.assertMeets(rewards.gradients(), one.numbers("gradient"));
    RewardVectors.assertMeets(rewards.values(), values(rows, x, new float[0]));
  }
}
