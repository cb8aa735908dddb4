// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.favstream.actors.engine.TorchScriptException;
import org.favstream.actors.engine.TorchScriptSource;
import org.favstream.protocol.Noise;
import org.favstream.sampler.noise.NoiseSource;
import org.junit.jupiter.api.Test;

/** With the modules that {@code make_modules.py}, of module actors' tests, makes. */
class TorchScriptRewardTest {
  private static final long LIMIT = 1 << 20;

  private static TorchScriptSource source(String name) {
    Path file = Path.of("src/test/resources/torchscript", name + ".pt");
    return TorchScriptSource.file(file, TorchScriptSource.digestOf(file), LIMIT);
  }

  private static TorchScriptReward reward(String name, int contextSize) {
    return new TorchScriptReward(source(name), contextSize, Device.cpu());
  }

  private static RewardModel.Block block(int contexts, int particles, int d, int contextSize) {
    Noise draw = new Noise(21, 0);
    return new RewardModel.Block(
        contexts,
        particles,
        d,
        NoiseSource.normals(draw, contexts * particles * d),
        NoiseSource.normals(new Noise(21, 1), contexts * contextSize),
        draw);
  }

  private static void requireWave(RewardModel.Block block, RewardModel.Rewards rewards) {
    assertThat(rewards.values()).hasSize(block.rows());
    assertThat(rewards.gradients()).hasSize(block.values().length);
    float[] contexts = block.contextRows();
    for (int row = 0; row < block.rows(); row++) {
      double value = 0;
      for (int i = 2 * row; i < 2 * row + 2; i++) {
        double x = block.values()[i];
        value += 3 * Math.sin(x) + contexts[i] * x;
        assertThat((double) rewards.gradients()[i])
            .isCloseTo(3 * Math.cos(x) + contexts[i], within(1e-5));
      }
      assertThat((double) rewards.values()[row]).isCloseTo(value, within(1e-5));
    }
  }

  @Test
  void shouldGiveValueAndSlopeOfEachParticleInItsContext() {
    RewardModel.Block block = block(3, 4, 2, 2);
    try (TorchScriptReward reward = reward("wave", 2)) {
      requireWave(block, reward.evaluate(block));
    }
  }

  @Test
  void shouldScoreWithoutContextsByAModuleOfOneInputOrOfTwo() {
    RewardModel.Block block = block(1, 5, 2, 0);
    try (TorchScriptReward one = reward("bowl", 0);
        TorchScriptReward two = reward("heights", 0)) {
      for (int time = 0; time < 2; time++) {
        RewardModel.Rewards bowl = one.evaluate(block);
        RewardModel.Rewards heights = two.evaluate(block);
        for (int i = 0; i < 10; i++) {
          assertThat(bowl.gradients()[i]).isEqualTo(-2 * block.values()[i]);
          assertThat(heights.gradients()[i]).isEqualTo(i % 2 == 0 ? 1 : 0);
        }
        assertThat(heights.values()[4]).isEqualTo(block.values()[8]);
      }
    }
  }

  @Test
  void shouldSayWhatTheModuleSaidAndGoOnWhenItThrows() {
    RewardModel.Block good = block(1, 5, 2, 0);
    RewardModel.Block bad = block(1, 5, 2, 0);
    bad.values()[3] = 101;
    try (TorchScriptReward reward = reward("bowl", 0)) {
      float[] values = reward.evaluate(good).values();
      assertThatThrownBy(() -> reward.evaluate(bad))
          .isInstanceOf(TorchScriptException.class)
          .hasMessageContaining("bowl.pt: forward of (5, 2) failed: ")
          .hasMessageContaining("a particle lies beyond 100");
      assertThat(reward.evaluate(good).values()).containsExactly(values);
    }
    try (TorchScriptReward fresh = reward("bowl", 0)) {
      assertThatThrownBy(() -> fresh.evaluate(bad))
          .describedAs("before it is known what it takes")
          .hasMessageContaining("a particle lies beyond 100")
          .hasMessageContaining("as forward(particles, context)");
      assertThat(fresh.evaluate(good).values()).hasSize(5);
    }
  }

  @Test
  void shouldRefuseAnotherShapeWithBoth() {
    try (TorchScriptReward reward = reward("column", 0)) {
      assertThatThrownBy(() -> reward.evaluate(block(1, 5, 2, 0)))
          .isInstanceOf(TorchScriptException.class)
          .hasMessageContaining(
              "column.pt: its rewards of particles (5, 2) have shape (5, 1), expected (5)");
    }
  }

  @Test
  void shouldRefuseRewardsThatHangOnNoParticle() {
    try (TorchScriptReward reward = reward("detached", 0)) {
      assertThatThrownBy(() -> reward.evaluate(block(1, 5, 2, 0)))
          .isInstanceOf(TorchScriptException.class)
          .hasMessageContaining("detached.pt: expected rewards that are differentiable")
          .hasMessageContaining("does not require grad");
    }
  }

  @Test
  void shouldRefuseContextsOfAnotherSize() {
    try (TorchScriptReward reward = reward("wave", 2)) {
      assertThatThrownBy(() -> reward.evaluate(block(2, 5, 2, 3)))
          .isInstanceOf(TorchScriptException.class)
          .hasMessageContaining("wave.pt: got contexts of 3 numbers, expected 2");
    }
  }

  @Test
  void shouldSayWhetherItFitsAJobBeforeThereAreParticles() {
    try (TorchScriptReward wave = reward("wave", 2).requireFits(2)) {
      requireWave(block(1, 4, 2, 2), wave.evaluate(block(1, 4, 2, 2)));
    }
    assertThatThrownBy(() -> reward("wave", 2).requireFits(5))
        .isInstanceOf(TorchScriptException.class)
        .hasMessageContaining("wave.pt: forward of (3, 5), (3, 2) failed: ");
    assertThatThrownBy(() -> reward("column", 0).requireFits(2))
        .hasMessageContaining("shape (3, 1)");
  }

  @Test
  void shouldComeFromBytesAndNoneButThoseThatArePinned() throws IOException {
    Path file = Path.of("src/test/resources/torchscript/wave.pt");
    byte[] bytes = Files.readAllBytes(file);
    String digest = TorchScriptSource.digestOf(file);
    RewardModel.Block block = block(1, 4, 2, 2);
    try (TorchScriptReward reward =
        new TorchScriptReward(
            TorchScriptSource.bytes("candidate 7", bytes, digest, LIMIT), 2, Device.cpu())) {
      requireWave(block, reward.evaluate(block));
    }
    bytes[bytes.length / 2] ^= 1;
    assertThatThrownBy(
            () ->
                new TorchScriptReward(
                    TorchScriptSource.bytes("candidate 8", bytes, digest, LIMIT), 2, Device.cpu()))
        .isInstanceOf(TorchScriptException.class)
        .hasMessageContaining("candidate 8: its SHA-256 is ");
  }

  @Test
  void shouldHoldNoMoreAfterManyEvaluationsThanAfterOne() {
    NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    try (TorchScriptReward reward = new TorchScriptReward(source("wave"), 2, manager)) {
      List<Integer> held = new ArrayList<>();
      for (int time = 0; time < 200; time++) {
        reward.evaluate(block(2, 16, 2, 2));
        held.add(manager.getManagedArrays().size());
      }
      assertThat(held).containsOnly(held.get(0));
    }
    assertThat(manager.isOpen()).isFalse();
  }

  @Test
  void shouldGiveEveryWorkerTheSameWhenTheyScoreAtOnce() throws Exception {
    RewardModel.Block block = block(3, 100, 2, 2);
    int workers = 4;
    ExecutorService pool = Executors.newFixedThreadPool(workers);
    Callable<RewardModel.Rewards> work =
        () -> {
          try (TorchScriptReward reward = reward("wave", 2)) {
            RewardModel.Rewards last = reward.evaluate(block);
            for (int time = 0; time < 100; time++) {
              RewardModel.Rewards now = reward.evaluate(block);
              assertThat(now.values()).containsExactly(last.values());
              assertThat(now.gradients()).containsExactly(last.gradients());
              last = now;
            }
            return last;
          }
        };
    try {
      for (Future<RewardModel.Rewards> run : pool.invokeAll(Collections.nCopies(workers, work))) {
        requireWave(block, run.get());
      }
    } finally {
      pool.shutdown();
    }
  }
}
