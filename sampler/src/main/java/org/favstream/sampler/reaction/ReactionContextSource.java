// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import java.util.List;
import org.favstream.protocol.Noise;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.noise.NoiseSource;

/**
 * Contexts of the reaction task for the loop, with the behaviour's controls as references. Contexts
 * are {@link ReactionFeatures}; the systems take turns.
 */
public final class ReactionContextSource implements ContextSource {
  /** Standard deviation of the behaviour's controls in each dimension. */
  public static final double BEHAVIOUR_DEVIATION = 2;

  private final List<ReactionSystem> systems;
  private final int references;

  /**
   * A source.
   *
   * @param references behaviour's controls that each context brings
   */
  public ReactionContextSource(List<ReactionSystem> systems, int references) {
    this.systems = List.copyOf(systems);
    this.references = references;
  }

  @Override
  public int contextSize() {
    return ReactionFeatures.SIZE;
  }

  @Override
  public int references() {
    return references;
  }

  @Override
  public Contexts draw(Noise draw, int count) {
    ReactionContexts contexts = new ReactionContexts(draw.key(), systems);
    float[] values = new float[count * ReactionFeatures.SIZE];
    for (int i = 0; i < count; i++) {
      float[] features = ReactionFeatures.of(contexts.draw(draw.counter() * count + i));
      System.arraycopy(features, 0, values, i * features.length, features.length);
    }
    return new Contexts(values, behaviour(draw, count * references * ReactionSystem.CONTROLS));
  }

  /** The behaviour's controls: normals of its deviation. */
  static float[] behaviour(Noise draw, int numbers) {
    float[] controls = NoiseSource.normals(draw, numbers);
    for (int i = 0; i < numbers; i++) {
      controls[i] *= (float) BEHAVIOUR_DEVIATION;
    }
    return controls;
  }
}
