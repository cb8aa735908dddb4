// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.RewardModels;
import org.junit.jupiter.api.Test;

class LoggedBacktestTest {
  private static final LoggedBacktest.Rivals RIVALS =
      new LoggedBacktest.Rivals(Groups.definition("candidate"), Groups.definition("active"));

  private final AtomicInteger open = new AtomicInteger();
  private final List<Long> progress = new ArrayList<>();
  private final List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();

  /** Models of the two, whose number that are open is counted. */
  private RewardModels models(RewardModel candidate, RewardModel active) {
    return definition -> {
      RewardModel model = definition.reward().name().equals("active") ? active : candidate;
      open.incrementAndGet();
      return new RewardModel() {
        @Override
        public Rewards evaluate(Block block) {
          return model.evaluate(block);
        }

        @Override
        public void close() {
          open.decrementAndGet();
        }
      };
    };
  }

  private LoggedBacktest.Outcome run(RewardModel candidate, RewardModel active)
      throws RefusedException, InterruptedException {
    LoggedBacktest.Outcome outcome =
        new LoggedBacktest(models(candidate, active), RIVALS, progress::add)
            .run(
                receiver -> {
                  for (ConsumerRecord<String, byte[]> record : records) {
                    receiver.take(record);
                  }
                });
    assertThat(open).describedAs("all models are closed").hasValue(0);
    return outcome;
  }

  private static RewardModel times(float factor) {
    return block -> Groups.sums(block, factor);
  }

  private void log(int partition, long from, long to) {
    for (long counter = from; counter < to; counter++) {
      records.add(Groups.record(partition, Groups.group(counter)));
    }
  }

  @Test
  void shouldCompareAllGroupsAndSayWhich() throws RefusedException, InterruptedException {
    log(0, 10, 40);
    log(3, 0, 20);
    LoggedBacktest.Outcome outcome = run(times(-2), times(1));
    assertThat(outcome.result().particles()).isEqualTo(50 * 4);
    assertThat(outcome.result().rank()).isEqualTo(-1);
    assertThat(outcome.result().stdRatio()).isEqualTo(2);
    assertThat(outcome.json().path("offsets").toString()).isEqualTo("{\"0\":[10,40],\"3\":[0,20]}");
    assertThat(progress).hasSize(50).isSorted().endsWith(50L);
  }

  @Test
  void shouldGiveTheSameFiguresAndDigestOfTheSameGroups()
      throws RefusedException, InterruptedException {
    log(0, 0, 30);
    ObjectNode first = run(times(2), times(1)).json();
    ObjectNode again = run(times(2), times(1)).json();
    records.set(4, Groups.record(0, Groups.group(4, 1, 2, 3, 4)));
    ObjectNode other = run(times(2), times(1)).json();
    first.remove("seconds");
    again.remove("seconds");
    assertThat(again).isEqualTo(first);
    assertThat(other.path("inputsSha256")).isNotEqualTo(first.path("inputsSha256"));
  }

  @Test
  void shouldCountGroupsThatTheCandidateCannotScoreAsNotFinite()
      throws RefusedException, InterruptedException {
    log(0, 0, 8);
    RewardModel picky =
        block -> {
          if (block.draw().counter() == 3) {
            throw new IllegalStateException("it has had enough");
          }
          return block.draw().counter() == 5
              ? new RewardModel.Rewards(new float[1], new float[1])
              : Groups.sums(block, 1);
        };
    LoggedBacktest.Outcome outcome = run(picky, times(1));
    assertThat(outcome.result().nonFinite()).isEqualTo(0.25);
    assertThat(outcome.json().path("candidateFailed").asInt()).isEqualTo(2);
    assertThat(outcome.json().path("firstFault").asText())
        .isEqualTo("candidate@1: it has had enough");
  }

  @Test
  void shouldLeaveOutWhatTheOtherCannotScoreAndWhatIsNoGroup()
      throws RefusedException, InterruptedException {
    log(0, 0, 4);
    records.add(new ConsumerRecord<>("generations", 0, 4, "k", new byte[] {1, 2, 3}));
    records.add(Groups.record(0, Groups.group(5, Float.NaN, 0)));
    RewardModel failing =
        block -> {
          if (block.draw().counter() == 1) {
            throw new IllegalStateException("no such reaction");
          }
          return Groups.sums(block, 1);
        };
    LoggedBacktest.Outcome outcome = run(times(1), failing);
    assertThat(outcome.result().groups()).isEqualTo(3);
    assertThat(outcome.json().path("leftOut").asInt()).isEqualTo(3);
    assertThat(outcome.result().nonFinite()).isZero();
  }

  @Test
  void shouldRefuseWhereNothingCanBeCompared() {
    log(0, 0, 4);
    RewardModel failing =
        block -> {
          throw new IllegalStateException("no such reaction");
        };
    assertThatThrownBy(() -> run(times(1), failing))
        .isInstanceOf(RefusedException.class)
        .hasMessageContainingAll("none of 4 groups", "active@1: no such reaction");
    assertThat(open).hasValue(0);
  }

  @Test
  void shouldNameTheModelThatCannotBeMade() {
    log(0, 0, 4);
    RewardModels models =
        definition -> {
          if (definition.reward().name().equals("active")) {
            throw new IllegalStateException("its file is gone");
          }
          return models(times(1), times(1)).open(definition);
        };
    assertThatThrownBy(() -> new LoggedBacktest(models, RIVALS, done -> {}).run(receiver -> {}))
        .isInstanceOf(RefusedException.class)
        .hasMessage("active@1 cannot be made: its file is gone");
    assertThat(open).describedAs("the other one is closed").hasValue(0);
  }
}
