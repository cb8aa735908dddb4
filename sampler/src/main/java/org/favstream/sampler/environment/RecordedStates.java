// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

import org.favstream.protocol.Noise;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.noise.NoiseSource;

/**
 * States of an environment out of what was lived through in it, each with the action that was taken
 * there as its reference. Any of them is drawn as often as any other.
 */
public final class RecordedStates implements ContextSource {
  private final TransitionSet lived;

  /**
   * The states in which actions were taken.
   *
   * @param lived at least one transition
   */
  public RecordedStates(TransitionSet lived) {
    if (lived.size() == 0) {
      throw new IllegalArgumentException(
          "%s: no transitions, expected at least one".formatted(lived.environment()));
    }
    this.lived = lived;
  }

  @Override
  public int contextSize() {
    return lived.observationSize();
  }

  @Override
  public int references() {
    return 1;
  }

  @Override
  public Contexts draw(Noise draw, int count) {
    int o = lived.observationSize();
    int a = lived.actionSize();
    float[] states = new float[count * o];
    float[] actions = new float[count * a];
    int[] rows = NoiseSource.integers(draw, count, lived.size());
    for (int i = 0; i < count; i++) {
      System.arraycopy(lived.observations(), rows[i] * o, states, i * o, o);
      System.arraycopy(lived.actions(), rows[i] * a, actions, i * a, a);
    }
    return new Contexts(states, actions);
  }
}
