// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

import ai.djl.Device;
import java.util.List;
import java.util.Optional;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Generation;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Tensor;
import org.favstream.sampler.generator.Generator;

/**
 * A generator on its way: weights, moments, and how many steps and draws of references are behind
 * them. A learner takes its steps here, and a replay takes them again: what comes out depends on
 * the start and the groups alone. Confined to one thread at a time.
 */
public final class Training implements AutoCloseable {

  /**
   * Where it begins.
   *
   * @param moments of the optimiser; empty for fresh ones
   * @param step steps behind the weights
   * @param draws draws from the reference pool behind them
   */
  public record Start(Weights weights, Optional<Adam.State> moments, long step, long draws) {

    /** The pre-trained weights. */
    public static Start fresh(Weights weights) {
      return new Start(weights, Optional.empty(), 0, 0);
    }
  }

  /**
   * References that the learner draws.
   *
   * @param pool closed with the training
   * @param perStep references a block of a group
   */
  public record Drawn(ReferencePool pool, int perStep) {}

  private final FixedPointRegression regression;
  private final Optional<Drawn> drawn;
  private long step;
  private long draws;

  /**
   * Begins.
   *
   * @param drawn where references come from; empty where groups bring their own
   * @throws WeightsException where the weights are another generator's
   */
  public Training(
      Generator generator,
      RegressionSettings settings,
      Optional<Drawn> drawn,
      Start start,
      Device device)
      throws WeightsException {
    this.regression = new FixedPointRegression(generator, settings, start.weights(), device);
    start.moments().ifPresent(regression::restore);
    this.drawn = drawn;
    this.step = start.step();
    this.draws = start.draws();
  }

  /** Takes the next step with these groups, in this order. */
  public FixedPointRegression.Outcome step(List<ScoredGeneration.Scored> groups) {
    return regression.step(groups, references(groups), step++);
  }

  private float[] references(List<ScoredGeneration.Scored> groups) {
    if (drawn.isPresent()) {
      Generation first = groups.get(0).generation();
      int blocks = groups.size() * first.particles().size(0);
      return drawn.get().pool().draw(draws++, blocks * drawn.get().perStep());
    }
    int length =
        groups.stream()
            .mapToInt(group -> group.generation().references().orElseThrow().length())
            .sum();
    float[] references = new float[length];
    int from = 0;
    for (ScoredGeneration.Scored group : groups) {
      Tensor tensor = group.generation().references().orElseThrow();
      tensor.asBuffer().get(references, from, tensor.length());
      from += tensor.length();
    }
    return references;
  }

  /** Steps taken. */
  public long step() {
    return step;
  }

  /** Draws from the reference pool: the number of the next one. */
  public long draws() {
    return draws;
  }

  /**
   * A copy of the weights.
   *
   * @throws WeightsException where one is not finite
   */
  public Weights weights() throws WeightsException {
    return regression.weights();
  }

  /** A copy of the optimiser's moments. */
  public Adam.State moments() {
    return regression.moments();
  }

  @Override
  public void close() {
    regression.close();
    drawn.ifPresent(references -> references.pool().close());
  }
}
