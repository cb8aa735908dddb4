// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.favstream.protocol.LineageStep;
import org.favstream.protocol.RewardVersion;
import org.junit.jupiter.api.Test;

class LineageChainTest {
  private static final String FIRST = digest(0);

  private final LineageChain chain = new LineageChain();
  private long offset;

  private static String digest(int weights) {
    return "%064x".formatted(weights);
  }

  private void step(long epoch, long step, long version, int weights, int parent) {
    add(epoch, step, version, digest(weights), digest(parent));
  }

  private void add(long epoch, long step, long version, String weights, String parent) {
    chain.add(
        new LineageStep(
            "run",
            epoch,
            step,
            version,
            List.of(
                new LineageStep.GroupPosition(1, 100 - step, 0),
                new LineageStep.GroupPosition((int) step, 7, 0)),
            new RewardVersion("r", 1),
            0,
            "",
            weights,
            parent,
            ""),
        offset);
    offset += 2; // the transactions' ends
  }

  private List<Long> between(long step, int weights, long to) {
    return chain.between(step, digest(weights), chain.version(to).orElseThrow()).stream()
        .map(LineageVersion::version)
        .toList();
  }

  private long parent(long version) {
    return chain
        .parent(chain.version(version).orElseThrow())
        .map(LineageVersion::version)
        .orElse(-1L);
  }

  @Test
  void shouldGatherTheStepsOfAVersion() {
    step(1, 1, 1, 10, 0);
    step(1, 2, 2, 20, 10);
    step(1, 3, 2, 20, 10);
    assertThat(chain.versions()).hasSize(2);
    assertThat(chain.version(2))
        .contains(
            new LineageVersion(
                2, 1, 2, 3, digest(20), digest(10), 2, Map.of(1, 97L, 2, 7L, 3, 7L)));
    assertThat(chain.version(3)).isEmpty();
  }

  @Test
  void shouldFollowARunThatWasNeverInterrupted() {
    step(1, 1, 1, 10, 0);
    step(1, 2, 2, 20, 10);
    step(1, 3, 3, 30, 20);
    assertThat(between(0, 0, 3)).containsExactly(1L, 2L, 3L);
    assertThat(between(1, 10, 3)).containsExactly(2L, 3L);
    assertThat(between(2, 20, 3)).containsExactly(3L);
    assertThat(parent(3)).isEqualTo(2);
    assertThat(parent(1)).isEqualTo(-1);
  }

  @Test
  void shouldGoOnOverAResumeFromTheNewestCheckpoint() {
    step(1, 1, 1, 10, 0);
    step(1, 2, 1, 10, 0);
    step(2, 3, 2, 20, 10); // version 1 stood on the log once more, without steps
    step(2, 4, 2, 20, 10);
    assertThat(between(0, 0, 2)).containsExactly(1L, 2L);
    assertThat(parent(2)).isEqualTo(1);
  }

  @Test
  void shouldPassOverVersionsThatWereLostWithTheirCheckpoints() {
    step(1, 1, 1, 10, 0);
    step(1, 2, 2, 20, 10);
    step(1, 3, 3, 30, 20);
    // Version 4 was version 1's weights again; its steps' numbers begin again at 2.
    step(2, 2, 5, 50, 10);
    step(2, 3, 6, 60, 50);
    assertThat(between(0, 0, 6)).containsExactly(1L, 5L, 6L);
    assertThat(between(1, 10, 6)).containsExactly(5L, 6L);
    assertThat(between(2, 20, 6)).describedAs("from a version that was superseded").isEmpty();
    assertThat(between(0, 0, 3)).describedAs("to one").containsExactly(1L, 2L, 3L);
    assertThat(parent(5)).isEqualTo(1);
    assertThat(parent(6)).isEqualTo(5);
  }

  @Test
  void shouldTellTwoLivesApartThatWentOnFromTheSameStep() {
    step(1, 1, 1, 10, 0);
    step(1, 2, 2, 20, 10);
    step(2, 2, 4, 40, 10);
    step(3, 3, 6, 60, 20); // from a copy of the first life's checkpoint
    assertThat(between(0, 0, 6)).containsExactly(1L, 2L, 6L);
    assertThat(parent(6)).isEqualTo(2);
  }

  @Test
  void shouldTellStepsThatWereSkippedByTheirNumber() {
    step(1, 1, 1, 10, 0);
    step(1, 2, 2, 10, 10); // the step was skipped: the same weights
    step(1, 3, 3, 30, 10);
    assertThat(between(0, 0, 3)).containsExactly(1L, 2L, 3L);
    assertThat(between(1, 10, 3)).containsExactly(2L, 3L);
    assertThat(between(2, 10, 3)).containsExactly(3L);
  }

  @Test
  void shouldFindNoWayFromOtherWeightsOrWithAPieceMissing() {
    step(1, 1, 1, 10, 0);
    step(1, 3, 3, 30, 20);
    assertThat(between(0, 0, 3)).isEmpty();
    assertThat(between(0, 99, 1)).isEmpty();
    assertThat(between(2, 20, 3)).containsExactly(3L);
  }

  @Test
  void shouldGoByNumbersWhereEarlierBuildsLeftNoDigests() {
    add(1, 1, 1, "", "");
    add(1, 2, 2, "", "");
    add(2, 2, 4, "", "");
    add(2, 3, 5, "", "");
    add(3, 4, 6, digest(60), digest(50));
    assertThat(parent(5)).isEqualTo(4);
    assertThat(parent(6)).isEqualTo(5);
    assertThat(chain.version(5).orElseThrow().hasDigests()).isFalse();
    assertThat(chain.between(0, FIRST, chain.version(6).orElseThrow())).isEmpty();
    assertThat(between(3, 50, 6)).containsExactly(6L);
  }
}
