// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightTreeTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 100})
  void shouldFindWhatASearchThroughAllFinds(int slots) {
    Random random = new Random(slots);
    WeightTree tree = new WeightTree(slots);
    long[] weights = new long[slots];
    for (int change = 0; change < 3 * slots; change++) {
      int slot = random.nextInt(slots);
      weights[slot] = random.nextInt(5);
      tree.set(slot, weights[slot]);
    }
    long at = 0;
    for (int slot = 0; slot < slots; slot++) {
      for (long end = at + weights[slot]; at < end; at++) {
        assertThat(tree.slotOf(at)).isEqualTo(slot);
      }
    }
    assertThat(tree.total()).isEqualTo(at);
  }

  @Test
  void shouldPassOverSlotsWithoutAWeight() {
    WeightTree tree = new WeightTree(5);
    tree.set(3, 2);
    assertThat(tree.slotOf(0)).isEqualTo(3);
    assertThat(tree.slotOf(1)).isEqualTo(3);
  }
}
