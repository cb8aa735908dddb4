// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import java.util.List;
import org.favstream.protocol.Noise;
import org.favstream.sampler.dataset.Dataset;

/**
 * The behaviour to pre-train on: contexts of the systems, and controls that do not look at them.
 */
public final class ReactionDataset implements Dataset {
  private final ReactionContextSource contexts;

  /** Of these systems, which take turns. */
  public ReactionDataset(List<ReactionSystem> systems) {
    this.contexts = new ReactionContextSource(systems, 0);
  }

  @Override
  public int sampleSize() {
    return ReactionSystem.CONTROLS;
  }

  @Override
  public int contextSize() {
    return ReactionFeatures.SIZE;
  }

  @Override
  public Batch draw(Noise draw, int size) {
    return new Batch(
        ReactionContextSource.behaviour(draw, size * ReactionSystem.CONTROLS),
        contexts.draw(draw, size).values());
  }
}
