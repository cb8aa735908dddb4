// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.favstream.reward.evaluation.Evaluator;
import org.favstream.reward.evaluation.Evaluator.Depth;
import org.favstream.sampler.generator.LoadedGenerator;
import org.junit.jupiter.api.Test;

class JobTest {
  private static final List<String> SMALL =
      List.of("generator.family=vae", "evaluation.samples=500", "evaluation.data=2000");

  /** Heights {@code 1 - k/7} make each reward 1 less the other. */
  @Test
  void shouldEvaluateAgainstTheHeightsOfItsOwnReward() throws Exception {
    double reversed =
        rewardMean(
            "reward.heights=[1, 0.857143, 0.714286, 0.571429, 0.428571, 0.285714, 0.142857, 0]");
    assertThat(rewardMean("reward.heights=[]") + reversed).isCloseTo(1, within(1e-5));
    assertThat(reversed).isNotCloseTo(0.5, within(1e-3));
  }

  private static double rewardMean(String heights) throws Exception {
    List<String> overrides = new ArrayList<>(SMALL);
    overrides.add(heights);
    Job job = JobCatalog.load("eight-gaussians", overrides);
    try (Evaluator evaluator = job.evaluator().get();
        LoadedGenerator generator =
            new LoadedGenerator(job.generator().create(), job.initialWeights(), Device.cpu())) {
      return Objects.requireNonNull(
          evaluator.evaluate(generator, Depth.QUICK).get("rewardMean"), "rewardMean");
    }
  }

  @Test
  void shouldWaitForAnEnvironmentsServerAsLongAsTheJobSays() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Job job =
          JobCatalog.load(
              "mujoco-reacher",
              List.of(
                  "environment.kind=remote",
                  "environment.address=\"127.0.0.1:%d\"".formatted(silent.getLocalPort()),
                  "environment.start-deadline=70ms"));
      assertThatThrownBy(() -> job.environment().open())
          .hasMessageContaining("nothing came within 70 ms");
    }
  }
}
