// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.OptionalLong;
import org.favstream.protocol.Transitions;
import org.favstream.protocol.Transitions.Ending;
import org.junit.jupiter.api.Test;

class RecordingTest {
  private static final boolean[] ENDS_AT_2_AND_4 = {false, false, true, false, true};
  private static final boolean[] NEVER = new boolean[5];

  /** Observations 0 1 2 | 10 11, of one number each; the second episode leads to 12. */
  private static TransitionSet set(boolean[] terminated, boolean[] truncated) {
    return new TransitionSet(
        "line",
        1,
        2,
        new float[] {0, 1, 2, 10, 11},
        new float[] {.0f, .1f, .2f, .3f, .4f, .5f, .6f, .7f, .8f, .9f},
        new float[] {-1, -2, -3, -4, -5},
        new float[] {1, 2, 3, 11, 12},
        terminated,
        truncated);
  }

  @Test
  void shouldCutEpisodesIntoSegmentsThatJoin() throws EnvironmentException {
    boolean[] atTheEnd = {false, false, false, false, true};
    boolean[] atTheFirstEnd = {false, false, true, false, false};
    Recording recording = new Recording(set(atTheEnd, atTheFirstEnd));
    List<Transitions> segments = recording.segments("run-1", "human:alice", 2);
    assertThat(recording.episodes()).isEqualTo(2);
    assertThat(segments).extracting(Transitions::steps).containsExactly(2, 1, 2);
    assertThat(segments).extracting(Transitions::firstStep).containsExactly(0L, 2L, 0L);
    assertThat(segments)
        .extracting(Transitions::ending)
        .containsExactly(Ending.NONE, Ending.TRUNCATED, Ending.TERMINATED);
    assertThat(segments.get(0).observations().toArray()).containsExactly(0, 1, 2);
    assertThat(segments.get(1).observations().toArray()).containsExactly(2, 3);
    assertThat(segments.get(2).observations().toArray()).containsExactly(10, 11, 12);
    assertThat(segments.get(1).actions().toArray()).containsExactly(.4f, .5f);
    assertThat(segments.get(2).rewards().toArray()).containsExactly(-4, -5);
    for (Transitions segment : segments) {
      assertThat(segment.run()).isEqualTo("run-1");
      assertThat(segment.environment()).isEqualTo("line");
      assertThat(segment.source()).isEqualTo("human:alice");
      assertThat(segment.sourceKind()).isEqualTo("human");
      assertThat(segment.weightsVersion()).isEqualTo(OptionalLong.empty());
    }
  }

  @Test
  void shouldNameEpisodesAfterWhatIsInThem() throws EnvironmentException {
    List<String> names = names(set(ENDS_AT_2_AND_4, NEVER));
    assertThat(names).hasSize(2).doesNotHaveDuplicates();
    assertThat(names(set(ENDS_AT_2_AND_4, NEVER))).isEqualTo(names);
    TransitionSet other = set(ENDS_AT_2_AND_4, NEVER);
    other.rewards()[3] = -4.5f;
    assertThat(names(other)).doesNotContainAnyElementsOf(names);
  }

  private static List<String> names(TransitionSet set) throws EnvironmentException {
    return new Recording(set)
        .segments("run-1", "human:alice", 50).stream().map(Transitions::episode).toList();
  }

  @Test
  void shouldNameTheTransitionWhereAnEpisodesEndIsNotMarked() {
    boolean[] onlyLast = {false, false, false, false, true};
    assertThatThrownBy(() -> new Recording(set(onlyLast, NEVER)))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageContaining("transitions of line: transition 2 ends no episode")
        .hasMessageContaining("transition 3 does not begin where it led");
    boolean[] notLast = {false, false, true, false, false};
    assertThatThrownBy(() -> new Recording(set(notLast, NEVER)))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageContaining("transition 4 ends no episode, and is the last");
  }
}
