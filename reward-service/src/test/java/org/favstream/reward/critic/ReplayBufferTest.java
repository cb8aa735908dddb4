// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Set;
import java.util.TreeSet;
import org.favstream.protocol.Noise;
import org.favstream.reward.critic.ReplayBuffer.Batch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayBufferTest {
  private static final Noise DRAW = new Noise(5, 1);

  private static Set<Integer> held(ReplayBuffer buffer) {
    Set<Integer> held = new TreeSet<>();
    for (float observation : buffer.draw(DRAW, 5000).observations()) {
      held.add(Math.abs((int) observation));
    }
    return held;
  }

  @Test
  void shouldDrawWholeTransitions() throws Exception {
    Batch batch = new ReplayBuffer(Lived.numbered(0, 30), 1, 100).draw(DRAW, 200);
    assertThat(batch.rows()).isEqualTo(200);
    for (int row = 0; row < 200; row++) {
      int number = (int) batch.observations()[2 * row];
      assertThat(batch.observations()[2 * row + 1]).isEqualTo(-number);
      assertThat(batch.actions()[row]).isEqualTo(number / 10_000f);
      assertThat(batch.rewards()[row]).isEqualTo(10f * number);
      assertThat(batch.nextObservations()[2 * row]).isEqualTo(number + 0.5f);
      assertThat(batch.nextObservations()[2 * row + 1]).isEqualTo(-number - 0.5f);
    }
  }

  @Test
  void shouldMaskWhereAnEpisodeTerminatedAndNotWhereItWasCut() throws Exception {
    Batch batch = new ReplayBuffer(Lived.numbered(0, 30), 1, 100).draw(DRAW, 200);
    for (int row = 0; row < 200; row++) {
      int number = (int) batch.observations()[2 * row];
      assertThat(batch.masks()[row]).isEqualTo(number % 3 == 0 ? 0 : 1);
    }
  }

  @Test
  void shouldForgetTheOldestWhenItIsFull() throws Exception {
    ReplayBuffer buffer = new ReplayBuffer(Lived.numbered(0, 6), 1, 8);
    assertThat(buffer.size()).isEqualTo(6);
    buffer.append(Lived.numbered(6, 5), 1);
    assertThat(buffer.size()).isEqualTo(8);
    assertThat(held(buffer)).containsExactly(3, 4, 5, 6, 7, 8, 9, 10);
  }

  @Test
  void shouldBeginWithTheEndOfAnOfflineSetThatIsTooLarge() throws Exception {
    assertThat(held(new ReplayBuffer(Lived.numbered(0, 3000), 1, 4)))
        .containsExactly(2996, 2997, 2998, 2999);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.25, 1, 5})
  void shouldDrawInProportionToTheWeights(double weight) throws Exception {
    ReplayBuffer buffer = new ReplayBuffer(Lived.numbered(0, 60), 1, 100);
    buffer.append(Lived.numbered(60, 20), weight);
    int count = 40_000;
    double share = 0;
    for (float reward : buffer.draw(DRAW, count).rewards()) {
      share += reward >= 600 ? 1.0 / count : 0;
    }
    double expected = 20 * weight / (60 + 20 * weight);
    // Five standard deviations.
    assertThat(share).isCloseTo(expected, within(5 * Math.sqrt(expected / count)));
  }

  @Test
  void shouldForgetAWeightWithItsTransition() throws Exception {
    ReplayBuffer buffer = new ReplayBuffer(Lived.numbered(0, 4), 1000, 4);
    buffer.append(Lived.numbered(4, 2), 1);
    buffer.append(Lived.numbered(6, 2), 1);
    double[] counts = new double[10];
    for (float action : buffer.draw(DRAW, 40_000).actions()) {
      counts[Math.round(action * 10_000)]++;
    }
    for (int number = 4; number < 8; number++) {
      assertThat(counts[number]).isCloseTo(10_000, within(450.0));
    }
  }

  @Test
  void shouldDrawTheSameWhenTheLogIsAppendedAgain() throws Exception {
    ReplayBuffer lived = new ReplayBuffer(Lived.numbered(0, 10), 1, 25);
    lived.append(Lived.numbered(10, 10), 2);
    Batch early = lived.draw(DRAW, 50);
    lived.append(Lived.numbered(20, 10), 1);
    ReplayBuffer again = new ReplayBuffer(Lived.numbered(0, 10), 1, 25);
    again.append(Lived.numbered(10, 10), 2);
    assertThat(again.draw(DRAW, 50).rewards()).containsExactly(early.rewards());
    again.append(Lived.numbered(20, 10), 1);
    assertThat(again.draw(DRAW, 50).rewards()).containsExactly(lived.draw(DRAW, 50).rewards());
    assertThat(lived.draw(new Noise(5, 2), 50).rewards())
        .isNotEqualTo(lived.draw(DRAW, 50).rewards());
  }

  @ParameterizedTest
  @CsvSource({
    "NaN, 0, 0, 0, 'the observation of transition 0 holds NaN, expected a finite number'",
    "0, NaN, 0, 0, 'the action of transition 0 holds NaN, expected -1 to 1'",
    "0, 1.5, 0, 0, 'the action of transition 0 holds 1.5, expected -1 to 1'",
    "0, 0, Infinity, 0, 'the reward of transition 0 holds Infinity, expected a finite number'",
    "0, 0, 0, NaN, 'the next observation of transition 0 holds NaN, expected a finite number'",
  })
  void shouldRefuseNumbersThatTeachNothing(
      float observation, float action, float reward, float next, String fault) throws Exception {
    ReplayBuffer buffer = new ReplayBuffer(Lived.one("arm", 0, 1, 2, 3), 1, 10);
    assertThatThrownBy(() -> buffer.append(Lived.one("arm", observation, action, reward, next), 1))
        .isInstanceOf(RefusedTransitionsException.class)
        .hasMessage("transitions of arm: " + fault);
    assertThat(buffer.size()).isEqualTo(1);
  }

  @Test
  void shouldRefuseTheTransitionsOfAnotherRobot() throws Exception {
    ReplayBuffer buffer = new ReplayBuffer(Lived.one("arm", 0, 1, 2, 3), 1, 10);
    assertThatThrownBy(() -> buffer.append(Lived.one("leg", 0, 1, 2, 3), 1))
        .isInstanceOf(RefusedTransitionsException.class)
        .hasMessage(
            "transitions of leg (observations of 1, actions of 1): expected those of arm (1, 1)");
    assertThatThrownBy(() -> buffer.append(Lived.numbered(0, 1), 1))
        .hasMessageContaining("observations of 2");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, 1e7})
  void shouldRefuseAWeightThatIsNone(double weight) {
    assertThatThrownBy(() -> new ReplayBuffer(Lived.numbered(0, 1), weight, 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("replay: a weight of " + weight);
  }

  @Test
  void shouldRefuseACapacityOfNothingAndADrawOfNothing() throws Exception {
    assertThatThrownBy(() -> new ReplayBuffer(Lived.numbered(0, 1), 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("replay: a capacity of 0");
    ReplayBuffer empty = new ReplayBuffer(Lived.numbered(0, 0), 1, 10);
    assertThatThrownBy(() -> empty.draw(DRAW, 1)).isInstanceOf(IllegalStateException.class);
  }
}
