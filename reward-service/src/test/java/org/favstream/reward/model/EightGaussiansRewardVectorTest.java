// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.favstream.reward.RewardVectors;
import org.favstream.reward.RewardVectors.Case;
import org.favstream.sampler.dataset.EightGaussians;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Meets modes and rewards of the test vectors within {@code 1e-5 · max(1, |v|)}. */
class EightGaussiansRewardVectorTest {

  @TestFactory
  List<DynamicTest> shouldMeetTheRewards() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Case one : RewardVectors.read("eight-gaussians-reward.json")) {
      tests.add(DynamicTest.dynamicTest(one.name(), () -> assertMeets(one)));
    }
    return tests;
  }

  private static void assertMeets(Case one) {
    double[] expected = one.numbers("reward");
    float[] x = one.floats("x");
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      NDArray at = manager.create(x, new Shape(expected.length, 2));
      RewardVectors.assertMeets(new EightGaussiansReward().smoothed(at).toFloatArray(), expected);
    }
  }

  @TestFactory
  List<DynamicTest> shouldMeetTheModes() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Case one : RewardVectors.read("eight-gaussians-reward.json")) {
      double[] centres = new double[2 * EightGaussians.MODES];
      for (int i = 0; i < centres.length; i++) {
        centres[i] = EightGaussians.centre(i / 2)[i % 2];
      }
      tests.add(
          DynamicTest.dynamicTest(
              one.name(), () -> RewardVectors.assertMeets(centres, one.numbers("centers"))));
    }
    return tests;
  }
}
