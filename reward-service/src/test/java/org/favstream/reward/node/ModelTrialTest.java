// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.favstream.protocol.Generation;
import org.favstream.protocol.RewardDefinition;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.registry.RefusedException;
import org.junit.jupiter.api.Test;

class ModelTrialTest {
  private static final RewardDefinition DEFINITION = Groups.definition("fresh");
  private static final Duration LONG = Duration.ofMinutes(1);

  private static ModelTrial trial(
      Optional<Generation> newest, RewardModel model, Duration patience) {
    return new ModelTrial(() -> newest, definition -> model, patience);
  }

  private static void assertUnusable(RewardModel model, Duration patience, String... said) {
    try (ModelTrial trial = trial(Optional.of(Groups.group(7)), model, patience)) {
      assertThatThrownBy(() -> trial.run(DEFINITION))
          .isInstanceOfSatisfying(
              RefusedException.class,
              refused -> assertThat(refused.kind()).isEqualTo(RefusedException.Kind.UNUSABLE))
          .hasMessageContainingAll("fresh@1 cannot be used")
          .hasMessageContainingAll(said);
    }
  }

  @Test
  void shouldTryTheNewestGroupAndSaySo() throws RefusedException {
    List<RewardModel.Block> tried = new CopyOnWriteArrayList<>();
    RewardModel model =
        block -> {
          tried.add(block);
          return Groups.sums(block, 1);
        };
    try (ModelTrial trial = trial(Optional.of(Groups.group(7)), model, LONG)) {
      assertThat(trial.run(DEFINITION)).isEqualTo("group sampler#1/7, the newest on the log");
    }
    assertThat(tried.get(0).values()).containsExactly(Groups.group(7).particles().toArray());
  }

  @Test
  void shouldTryStandardNormalParticlesWhenNoneIsLogged() throws RefusedException {
    List<RewardModel.Block> tried = new CopyOnWriteArrayList<>();
    RewardModel model =
        block -> {
          tried.add(block);
          return Groups.sums(block, 1);
        };
    try (ModelTrial trial = trial(Optional.empty(), model, LONG)) {
      assertThat(trial.run(DEFINITION)).startsWith("standard-normal particles");
    }
    assertThat(tried.get(0).d()).isEqualTo(2);
    assertThat(tried.get(0).values()).hasSize(2 * tried.get(0).rows()).doesNotHaveDuplicates();
  }

  @Test
  void shouldSayWhyAModelCannotBeUsed() {
    assertUnusable(
        block -> {
          throw new IllegalStateException("expected 3 columns, got 2");
        },
        LONG,
        "expected 3 columns, got 2",
        "group sampler#1/7");
    assertUnusable(
        block -> new RewardModel.Rewards(new float[1], new float[8]),
        LONG,
        "it gave 1 rewards and 8 gradient numbers, expected 4 and 8");
    assertUnusable(
        block -> {
          RewardModel.Rewards sums = Groups.sums(block, 1);
          sums.values()[2] = Float.NaN;
          return sums;
        },
        LONG,
        "the reward of particle 2 is NaN");
    assertUnusable(
        block -> {
          throw new UnsatisfiedLinkError("no such library");
        },
        LONG,
        "no such library");
  }

  @Test
  void shouldEndWaitingForAModelThatTakesForEver() {
    CountDownLatch never = new CountDownLatch(1);
    assertUnusable(
        block -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return Groups.sums(block, 1);
        },
        Duration.ofMillis(1),
        "it did not score group sampler#1/7");
  }

  @Test
  void shouldSayWhatToDoWhereModelsNeverEnd() {
    AtomicBoolean over = new AtomicBoolean();
    RewardModel stuck =
        block -> {
          while (!over.get()) {
            Thread.onSpinWait(); // listens to no interrupt
          }
          return Groups.sums(block, 1);
        };
    try (ModelTrial trial = trial(Optional.empty(), stuck, Duration.ofMillis(1))) {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> trial.run(DEFINITION)).hasMessageContaining("did not score");
      }
      assertThatThrownBy(() -> trial.run(DEFINITION))
          .isInstanceOfSatisfying(
              RefusedException.class,
              refused -> assertThat(refused.kind()).isEqualTo(RefusedException.Kind.UNAVAILABLE))
          .hasMessageContainingAll(
              "2 rewards are being tried already",
              "[fresh@1, fresh@1] did not end",
              "restart the control",
              "--resume");
    } finally {
      over.set(true);
    }
  }

  @Test
  void shouldTryNoMoreThanItCanGiveUp() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(2);
    CountDownLatch over = new CountDownLatch(1);
    RewardModel slow =
        block -> {
          begun.countDown();
          try {
            over.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return Groups.sums(block, 1);
        };
    try (ModelTrial trial = trial(Optional.of(Groups.group(7)), slow, LONG)) {
      ExecutorService others = Executors.newFixedThreadPool(2);
      List<Future<String>> tried =
          List.of(
              others.submit(() -> trial.run(DEFINITION)),
              others.submit(() -> trial.run(DEFINITION)));
      begun.await();
      assertThatThrownBy(() -> trial.run(DEFINITION))
          .isInstanceOfSatisfying(
              RefusedException.class,
              refused -> assertThat(refused.kind()).isEqualTo(RefusedException.Kind.UNAVAILABLE))
          .hasMessageContaining("2 rewards are being tried already")
          .hasMessageNotContaining("restart");
      over.countDown();
      assertThat(tried).allSatisfy(one -> assertThat(one.get()).contains("the newest"));
      others.shutdown();
    }
  }
}
