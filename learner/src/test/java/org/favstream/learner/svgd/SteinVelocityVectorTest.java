// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.favstream.learner.svgd.VelocityVectors.Case;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Meets the velocities of the test vectors (float64) within {@code 1e-5 · max(1, |v|)}: the exact
 * ones, and under the matching floor mode and repulsion also those of the reference codes.
 *
 * <p>Another directory of the same files is tested by
 *
 * <pre>./mvnw -pl learner -am test -Dtest='*Vector*' -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dfavstream.vectors=DIR</pre>
 */
class SteinVelocityVectorTest {

  @TestFactory
  List<DynamicTest> shouldMeetTheVelocities() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (String file : VelocityVectors.FILES) {
      for (Case one : VelocityVectors.read(file)) {
        assertThat(one.velocities()).describedAs(one.name()).containsKey("velocity");
        one.velocities()
            .forEach(
                (field, expected) ->
                    tests.add(
                        DynamicTest.dynamicTest(
                            one.name() + " " + field,
                            () ->
                                Velocities.assertClose(
                                    Velocities.of(one.settings(field), one.block()),
                                    expected,
                                    1e-5))));
      }
    }
    return tests;
  }

  @TestFactory
  List<DynamicTest> shouldFindTheBandwidthWhenScottsRuleIsNamed() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (String file : VelocityVectors.FILES) {
      for (Case one : VelocityVectors.read(file)) {
        if (one.rule().equals("scott")) {
          ParticleBlock block = one.block();
          double expected = one.kdeBandwidths().get(0);
          tests.add(
              DynamicTest.dynamicTest(
                  one.name(),
                  () ->
                      assertThat(
                              ScottBandwidth.sigma(
                                  block.references(),
                                  block.contexts() * block.referenceCount(),
                                  block.dimensions()))
                          .isCloseTo(expected, within(1e-6 * expected))));
        }
      }
    }
    return tests;
  }
}
