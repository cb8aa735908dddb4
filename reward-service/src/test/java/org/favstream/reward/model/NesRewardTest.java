// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.favstream.protocol.Noise;
import org.favstream.sampler.noise.NoiseSource;
import org.favstream.sampler.reaction.ReactionContextSource;
import org.favstream.sampler.reaction.ReactionSystem;
import org.junit.jupiter.api.Test;

class NesRewardTest {
  private static final Noise DRAW = new Noise(5, 2);

  private static RewardModel.Block block(int contexts, int particles, int d, float... contextsOf) {
    float[] values = NoiseSource.normals(DRAW, contexts * particles * d);
    return new RewardModel.Block(contexts, particles, d, values, contextsOf, DRAW);
  }

  private static NesReward nes(BlackBox box, double sigma, int samples) {
    return new NesReward(box, new NesReward.Settings(sigma, samples));
  }

  /** {@code a · x + 7}, {@code a = (1, 2, 3, …)}. */
  private static double[] linear(int rows, double[] particles, float[] contexts) {
    double[] values = new double[rows];
    int d = particles.length / rows;
    for (int i = 0; i < particles.length; i++) {
      values[i / d] += (i % d + 1) * particles[i];
    }
    for (int row = 0; row < rows; row++) {
      values[row] += 7;
    }
    return values;
  }

  /** With a linear reward an estimate is {@code (1/N) Σ u uᵀ a} whatever σ is. */
  @Test
  void shouldProjectTheSlopeWhenTheRewardIsLinear() {
    RewardModel.Block block = block(1, 3, 2);
    float[] noise = NoiseSource.normals(new Noise(6, 0), 4 * 3 * 2);
    for (double sigma : new double[] {1e-3, 0.01, 1}) {
      float[] got = nes(NesRewardTest::linear, sigma, 4).evaluate(block, noise).gradients();
      for (int row = 0; row < 3; row++) {
        double[] expected = new double[2];
        for (int sample = 0; sample < 4; sample++) {
          float u0 = noise[sample * 6 + 2 * row];
          float u1 = noise[sample * 6 + 2 * row + 1];
          expected[0] += (u0 + 2 * u1) * u0 / 4.0;
          expected[1] += (u0 + 2 * u1) * u1 / 4.0;
        }
        assertThat((double) got[2 * row]).isCloseTo(expected[0], within(1e-5));
        assertThat((double) got[2 * row + 1]).isCloseTo(expected[1], within(1e-5));
      }
    }
  }

  /** Over 40,000 pairs the mean's standard deviation is below .025 in each number. */
  @Test
  void shouldBeTheSlopeInTheMeanWhenTheRewardIsLinear() {
    int rows = 2000;
    float[] gradients =
        nes(NesRewardTest::linear, 0.01, 20).evaluate(block(1, rows, 3)).gradients();
    double[] mean = new double[3];
    for (int i = 0; i < gradients.length; i++) {
      mean[i % 3] += gradients[i] / (double) rows;
    }
    for (int j = 0; j < 3; j++) {
      assertThat(mean[j]).isCloseTo(j + 1, within(0.1));
    }
  }

  /** What is even around a particle cancels within each pair, not only over many. */
  @Test
  void shouldBeExactlyZeroWhenTheRewardIsEvenAroundTheParticle() {
    RewardModel.Block block =
        new RewardModel.Block(1, 4, 3, new float[12], new float[0], new Noise(1, 1));
    BlackBox even =
        (rows, particles, contexts) -> {
          double[] values = new double[rows];
          for (int i = 0; i < particles.length; i++) {
            values[i / 3] += Math.cos(particles[i]) + particles[i] * particles[i];
          }
          return values;
        };
    assertThat(nes(even, 0.5, 1).evaluate(block).gradients()).containsOnly(0);
  }

  @Test
  void shouldAskForBothSidesOfEachParticleAndForTheParticleItself() {
    RewardModel.Block block = block(1, 2, 2);
    List<double[]> asked = new ArrayList<>();
    BlackBox box =
        (rows, particles, contexts) -> {
          asked.add(particles.clone());
          return linear(rows, particles, contexts);
        };
    RewardModel.Rewards rewards = nes(box, 0.25, 2).evaluate(block);
    assertThat(asked).hasSize(1);
    double[] all = asked.get(0);
    assertThat(all).hasSize(5 * 4);
    for (int pair = 0; pair < 2; pair++) {
      for (int i = 0; i < 4; i++) {
        double up = all[8 * pair + i] - block.values()[i];
        double down = all[8 * pair + 4 + i] - block.values()[i];
        assertThat(up).isNotZero().isCloseTo(-down, within(1e-12));
      }
    }
    double[] centre = Arrays.copyOfRange(all, 16, 20);
    for (int i = 0; i < 4; i++) {
      assertThat(centre[i]).isEqualTo(block.values()[i]);
    }
    assertThat(rewards.values()[0]).isEqualTo((float) linear(2, centre, new float[0])[0]);
  }

  @Test
  void shouldGiveEachParticleItsContextWhenThereAreContexts() {
    BlackBox byContext =
        (rows, particles, contexts) -> {
          assertThat(contexts)
              .containsExactly(
                  10, 11, 10, 11, 20, 21, 20, 21, // up
                  10, 11, 10, 11, 20, 21, 20, 21, // down
                  10, 11, 10, 11, 20, 21, 20, 21); // as they are
          double[] values = new double[rows];
          for (int row = 0; row < rows; row++) {
            values[row] = contexts[2 * row] * particles[row];
          }
          return values;
        };
    RewardModel.Block block = block(2, 2, 1, 10, 11, 20, 21);
    float[] noise = {1, 1, 1, 1};
    assertThat(nes(byContext, 0.5, 1).evaluate(block, noise).gradients())
        .containsExactly(new float[] {10, 10, 20, 20}, within(1e-5f));
  }

  private static double[] curved(int rows, double[] particles, float[] contexts) {
    double[] values = linear(rows, particles, contexts);
    for (int row = 0; row < rows; row++) {
      values[row] = Math.sin(values[row]);
    }
    return values;
  }

  /** The estimate as the formula stands, each perturbation asked for alone. */
  private static RewardModel.Rewards plain(
      BlackBox box, RewardModel.Block block, float[] noise, double sigma, int samples) {
    int numbers = block.rows() * block.d();
    double[] centre = new double[numbers];
    double[] up = new double[numbers];
    double[] down = new double[numbers];
    double[] gradient = new double[numbers];
    for (int sample = 0; sample < samples; sample++) {
      for (int i = 0; i < numbers; i++) {
        centre[i] = block.values()[i];
        up[i] = centre[i] + sigma * noise[sample * numbers + i];
        down[i] = centre[i] - sigma * noise[sample * numbers + i];
      }
      double[] above = box.values(block.rows(), up, block.contextRows());
      double[] below = box.values(block.rows(), down, block.contextRows());
      for (int i = 0; i < numbers; i++) {
        double slope = (above[i / block.d()] - below[i / block.d()]) / (2 * sigma);
        gradient[i] += slope * noise[sample * numbers + i] / samples;
      }
    }
    return new RewardModel.Rewards(
        floats(box.values(block.rows(), centre, block.contextRows())), floats(gradient));
  }

  private static float[] floats(double[] numbers) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }

  private static void assertPlain(BlackBox box, RewardModel.Block block, int samples) {
    float[] noise = NoiseSource.normals(new Noise(6, 0), samples * block.rows() * block.d());
    RewardModel.Rewards got = nes(box, 0.01, samples).evaluate(block, noise);
    RewardModel.Rewards expected = plain(box, block, noise, 0.01, samples);
    assertThat(got.values()).containsExactly(expected.values());
    assertThat(got.gradients()).containsExactly(expected.gradients());
  }

  /** How many rows go into one question changes no bit, of this box or of our own ones. */
  @Test
  void shouldGiveWhatTheFormulaGivesOnePerturbationAtATime() {
    assertPlain(NesRewardTest::curved, block(3, 5, 4), 7);
    try (BlackBox toy = AutogradReward.asBlackBox(new EightGaussiansReward(), Device.cpu())) {
      assertPlain(toy, block(1, 37, 2), 5);
    }
    float[] contexts =
        new ReactionContextSource(ReactionSystem.list(new int[] {2}), 1).draw(DRAW, 2).values();
    assertPlain(ReactionReward.blackBox(1e-8), block(2, 2, ReactionSystem.CONTROLS, contexts), 2);
  }

  @Test
  void shouldBoundWhatItAsksForAtOnceWhenThereIsMuch() {
    List<Integer> asked = new ArrayList<>();
    BlackBox box =
        (rows, particles, contexts) -> {
          asked.add(rows);
          assertThat(particles).hasSize(64 * rows);
          assertThat(contexts).hasSize(6 * rows);
          return curved(rows, particles, contexts);
        };
    int rows = 4 * 500;
    assertPlain(box, block(4, 500, 64, new float[4 * 6]), 16);
    // 7 copies of 2,000 rows of 70 numbers are less than 2^20; then the plain ones.
    assertThat(asked.subList(0, 5))
        .containsExactly(7 * rows, 7 * rows, 7 * rows, 7 * rows, 5 * rows);
  }

  @Test
  void shouldAskForOneCopyAtATimeWhenThatIsMuchAlready() {
    List<Integer> asked = new ArrayList<>();
    BlackBox box =
        (rows, particles, contexts) -> {
          asked.add(rows);
          return linear(rows, particles, contexts);
        };
    RewardModel.Rewards unused = nes(box, 0.1, 1).evaluate(block(1, 3, 400_000));
    assertThat(asked).containsExactly(3, 3, 3);
  }

  @Test
  void shouldGiveTheSameWhenABlockIsScoredAgain() {
    RewardModel.Block block = block(2, 3, 4);
    RewardModel.Rewards first = nes(NesRewardTest::curved, 0.1, 3).evaluate(block);
    RewardModel.Rewards again = nes(NesRewardTest::curved, 0.1, 3).evaluate(block);
    assertThat(again.values()).containsExactly(first.values());
    assertThat(again.gradients()).containsExactly(first.gradients());
    RewardModel.Block other =
        new RewardModel.Block(2, 3, 4, block.values(), new float[0], new Noise(5, 3));
    assertThat(nes(NesRewardTest::curved, 0.1, 3).evaluate(other).values())
        .containsExactly(first.values());
    assertThat(nes(NesRewardTest::curved, 0.1, 3).evaluate(other).gradients())
        .isNotEqualTo(first.gradients());
  }

  /**
   * A group's particles are made of the normals of its draw. A perturbation that is the particle's
   * own noise again would weigh its direction more than the others.
   */
  @Test
  void shouldPerturbByOtherNumbersThanTheParticlesWereMadeOf() {
    RewardModel.Block block = block(1, 4, 2);
    List<double[]> asked = new ArrayList<>();
    BlackBox box =
        (rows, particles, contexts) -> {
          asked.add(particles.clone());
          return linear(rows, particles, contexts);
        };
    RewardModel.Rewards unused = nes(box, 1, 1).evaluate(block);
    float[] made = NoiseSource.normals(DRAW, 8);
    for (int i = 0; i < 8; i++) {
      assertThat(asked.get(0)[i] - block.values()[i]).isNotCloseTo(made[i], within(1e-6));
    }
  }

  @Test
  void shouldRefuseSettingsThatGiveNoEstimate() {
    for (double sigma : new double[] {0, -0.1, Double.NaN}) {
      assertThatThrownBy(() -> new NesReward.Settings(sigma, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("sigma " + sigma + " must be above 0");
    }
    assertThatThrownBy(() -> new NesReward.Settings(0.1, 0))
        .hasMessageContaining("samples 0 at least 1");
  }
}
