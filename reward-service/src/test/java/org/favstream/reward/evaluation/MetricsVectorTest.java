// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.favstream.reward.RewardVectors;
import org.favstream.reward.RewardVectors.Case;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Meets the metrics of the test vectors (float64, by scipy's density estimate) within {@code 1e-5 ·
 * max(1, |v|)}.
 */
class MetricsVectorTest {

  @TestFactory
  List<DynamicTest> shouldMeetTheMetrics() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Case one : RewardVectors.read("metrics.json")) {
      float[] real = one.floats("real");
      float[] generated = one.floats("generated");
      tests.add(
          DynamicTest.dynamicTest(
              one.name() + " kl",
              () ->
                  RewardVectors.assertMeets(
                      Divergences.kl(real, generated), one.number("kl_kde_grid80"))));
      tests.add(
          DynamicTest.dynamicTest(
              one.name() + " mmd2",
              () ->
                  RewardVectors.assertMeets(
                      Divergences.mmd2(real, generated), one.number("mmd2"))));
      tests.add(
          DynamicTest.dynamicTest(
              one.name() + " median distance",
              () ->
                  RewardVectors.assertMeets(
                      Divergences.medianDistance(real, generated), one.number("mmd2_sigma"))));
    }
    return tests;
  }
}
