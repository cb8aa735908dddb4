// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.Noise;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.Topics;
import org.favstream.reward.model.RewardModel;
import org.junit.jupiter.api.Test;

class RegisteredRewardsTest {
  private static final RewardVersion OWN = new RewardVersion("own", 1);
  private static final RewardModel.Block BLOCK =
      new RewardModel.Block(1, 1, 1, new float[] {2}, new float[0], new Noise(1, 0));

  private final Map<RewardVersion, RewardDefinition> known = new HashMap<>();
  private final List<RewardVersion> asked = new ArrayList<>();
  private final Time time = new Time();

  private static final class Time extends Clock {
    private Instant now = Instant.EPOCH;

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  private VersionedReward open() {
    return open(
        RewardSource.fixed(
            OWN,
            () ->
                block ->
                    new RewardModel.Rewards(
                        block.values().clone(), new float[block.values().length])));
  }

  /** A critic: a newer version whenever it is asked for, whose rewards are its number. */
  private static final class Learning implements RewardSource, VersionedReward {
    private int version;

    @Override
    public VersionedReward open(Function<RewardVersion, Optional<RewardDefinition>> definitions) {
      return this;
    }

    @Override
    public Current current(RewardVersion wanted) {
      version++;
      return new Current(
          new RewardVersion(OWN.name(), 100 + version),
          block -> new RewardModel.Rewards(new float[] {version}, new float[] {0}),
          Optional.empty());
    }

    @Override
    public void close() {}
  }

  private VersionedReward open(RewardSource own) {
    KafkaConnection nobody = new KafkaConnection("localhost:1", Map.of(), Map.of(), Map.of());
    NodeContext node =
        new NodeContext("run", nobody, new Topics("run.", Duration.ofDays(1), 1), time);
    return new RegisteredRewards(
            OWN,
            own,
            new ArtifactLog(node, new ArtifactLog.Settings(Path.of("nowhere"), 1)),
            "cpu",
            time)
        .open(
            version -> {
              asked.add(version);
              return Optional.ofNullable(known.get(version));
            });
  }

  private static RewardVersion times(int factor) {
    return new RewardVersion("times", factor);
  }

  private void add(int factor) {
    known.put(
        times(factor),
        new RewardDefinition(
            times(factor),
            "sum",
            Map.of(),
            List.of(new RewardDefinition.Term(OWN, factor)),
            Optional.empty(),
            1,
            0));
  }

  private static float scored(VersionedReward rewards, RewardVersion version) {
    VersionedReward.Current current = rewards.current(version);
    assertThat(current.version()).isEqualTo(version);
    return current.model().evaluate(BLOCK).values()[0];
  }

  @Test
  void shouldScoreWithWhatIsWantedAndMakeItOnce() {
    known.put(OWN, new RewardDefinition(OWN, "own", Map.of(), List.of(), Optional.empty(), 1, 0));
    add(3);
    try (VersionedReward rewards = open()) {
      assertThat(scored(rewards, OWN)).isEqualTo(2);
      assertThat(scored(rewards, times(3))).isEqualTo(6);
      assertThat(asked).contains(times(3), OWN); // itself and its member
      asked.clear();
      assertThat(scored(rewards, OWN)).isEqualTo(2);
      assertThat(scored(rewards, times(3))).isEqualTo(6);
      assertThat(asked).isEmpty();
    }
  }

  @Test
  void shouldKeepFewAndMakeAnOldOneAgain() {
    known.put(OWN, new RewardDefinition(OWN, "own", Map.of(), List.of(), Optional.empty(), 1, 0));
    try (VersionedReward rewards = open()) {
      for (int factor = 1; factor <= 5; factor++) {
        add(factor);
        assertThat(scored(rewards, times(factor))).isEqualTo(2f * factor);
      }
      asked.clear();
      assertThat(scored(rewards, times(5))).isEqualTo(10);
      assertThat(asked).isEmpty();
      assertThat(scored(rewards, times(1))).isEqualTo(2);
      assertThat(asked).contains(times(1));
    }
  }

  @Test
  void shouldTryAgainAfterAWhileWhatCouldNotBeMade() {
    known.put(OWN, new RewardDefinition(OWN, "own", Map.of(), List.of(), Optional.empty(), 1, 0));
    try (VersionedReward rewards = open()) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> rewards.current(times(2)))
            .hasMessage("it cannot be made here: it was never added");
      }
      assertThat(asked).containsExactly(times(2));
      add(2);
      time.now = time.now.plusSeconds(5);
      assertThat(scored(rewards, times(2))).isEqualTo(4);
    }
  }

  @Test
  void shouldSayWhichCriticARewardIsMadeOfAndScoreAGroupWithThatOne() {
    known.put(OWN, new RewardDefinition(OWN, "own", Map.of(), List.of(), Optional.empty(), 1, 0));
    add(3);
    known.put(
        new RewardVersion("outer", 1),
        new RewardDefinition(
            new RewardVersion("outer", 1),
            "ensemble",
            Map.of(),
            List.of(new RewardDefinition.Term(times(3), 1)),
            Optional.empty(),
            1,
            0));
    try (VersionedReward rewards = open(new Learning())) {
      for (RewardVersion wanted : List.of(times(3), new RewardVersion("outer", 1))) {
        for (int i = 0; i < 2; i++) {
          VersionedReward.Current current = rewards.current(wanted);
          long critic = current.critic().orElseThrow().version();
          float value = current.model().evaluate(BLOCK).values()[0];
          assertThat(value).isEqualTo(3f * (int) (critic - 100));
          assertThat(current.model().evaluate(BLOCK).values()[0]).isEqualTo(value);
        }
      }
      assertThat(rewards.current(OWN).critic()).isEmpty();
    }
  }

  @Test
  void shouldNameNoCriticWhereTheJobsOwnRewardDoesNotLearn() {
    known.put(OWN, new RewardDefinition(OWN, "own", Map.of(), List.of(), Optional.empty(), 1, 0));
    add(3);
    try (VersionedReward rewards = open()) {
      assertThat(rewards.current(times(3)).critic()).isEmpty();
    }
  }
}
