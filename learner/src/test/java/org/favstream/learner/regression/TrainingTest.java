// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.favstream.learner.regression.RegressionCases.CONDITIONAL;
import static org.favstream.learner.regression.RegressionCases.FLOW;
import static org.favstream.learner.regression.RegressionCases.PARTICLES;
import static org.favstream.learner.regression.RegressionCases.REFERENCES;
import static org.favstream.learner.regression.RegressionCases.VELOCITY;
import static org.favstream.learner.regression.RegressionCases.group;
import static org.favstream.learner.regression.RegressionCases.references;
import static org.favstream.learner.regression.RegressionCases.regression;
import static org.favstream.learner.regression.RegressionCases.settings;
import static org.favstream.learner.regression.RegressionCases.weights;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Generation;
import org.favstream.protocol.Noise;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Tensor;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.LoadedGenerator;
import org.junit.jupiter.api.Test;

class TrainingTest {
  private static final int STEPS = 6;

  /** Whatever depends on the number of steps does so here. */
  private static final RegressionSettings COUNTING =
      new RegressionSettings(
          VELOCITY,
          new Tempering(2L * STEPS, 0.1),
          false,
          RegressionSettings.Anchor.REPLAY,
          0.5,
          0,
          new LearningRate(0.01, 2L * STEPS, 0.1),
          Adam.Settings.adam(1));

  private final Weights initial = weights(FLOW, 1);

  TrainingTest() throws WeightsException {}

  private Training training(Training.Start start) throws WeightsException {
    ReferencePool pool =
        new ReferencePool(
            new LoadedGenerator(FLOW, initial, Device.cpu()),
            Noise.Kind.INDEPENDENT,
            7,
            3 * REFERENCES,
            REFERENCES);
    return new Training(
        FLOW, COUNTING, Optional.of(new Training.Drawn(pool, REFERENCES)), start, Device.cpu());
  }

  private List<List<ScoredGeneration.Scored>> batches() throws WeightsException {
    List<List<ScoredGeneration.Scored>> batches = new ArrayList<>();
    for (int step = 0; step < STEPS; step++) {
      batches.add(
          List.of(group(FLOW, initial, 1, 2L * step), group(FLOW, initial, 1, 2L * step + 1)));
    }
    return batches;
  }

  @Test
  void shouldMakeTheSameWeightsToTheBitWhenItGoesOnFromAnyStep() throws WeightsException {
    List<List<ScoredGeneration.Scored>> batches = batches();
    List<Training.Start> starts = new ArrayList<>();
    Weights last;
    try (Training straight = training(Training.Start.fresh(initial))) {
      for (List<ScoredGeneration.Scored> batch : batches) {
        starts.add(
            new Training.Start(
                straight.weights(),
                Optional.of(straight.moments()),
                straight.step(),
                straight.draws()));
        assertThat(straight.step(batch).skipped()).isEmpty();
      }
      last = straight.weights();
      assertThat(straight.step()).isEqualTo(STEPS);
      assertThat(straight.draws()).isEqualTo(STEPS);
    }
    assertThat(last.sha256()).isNotEqualTo(initial.sha256());
    for (int from = 0; from < STEPS; from++) {
      try (Training again = training(starts.get(from))) {
        for (List<ScoredGeneration.Scored> batch : batches.subList(from, STEPS)) {
          again.step(batch);
        }
        assertThat(again.weights().sha256()).describedAs("from %d", from).isEqualTo(last.sha256());
      }
    }
  }

  @Test
  void shouldMakeOtherWeightsWhenAnythingBehindAStepIsOther() throws WeightsException {
    List<ScoredGeneration.Scored> batch = batches().get(0);
    Adam.State moments;
    String usual;
    try (Training first = training(Training.Start.fresh(initial))) {
      first.step(batch);
      usual = first.weights().sha256();
      moments = first.moments();
    }
    List<Training.Start> others =
        List.of(
            new Training.Start(weights(FLOW, 2), Optional.empty(), 0, 0),
            new Training.Start(initial, Optional.of(moments), 0, 0),
            new Training.Start(initial, Optional.empty(), 1, 0),
            new Training.Start(initial, Optional.empty(), 0, 1));
    for (Training.Start other : others) {
      try (Training training = training(other)) {
        training.step(batch);
        assertThat(training.weights().sha256()).describedAs("%s", other).isNotEqualTo(usual);
      }
    }
    try (Training training = training(Training.Start.fresh(initial))) {
      training.step(List.of(batch.get(1), batch.get(0)));
      assertThat(training.weights().sha256()).describedAs("another order").isNotEqualTo(usual);
    }
  }

  @Test
  void shouldTakeTheReferencesThatGroupsBring() throws WeightsException {
    Generator generator = CONDITIONAL;
    Weights weights = weights(generator, 1);
    RegressionSettings settings = settings(RegressionSettings.Anchor.REPLAY);
    float[] brought = references(4, 3);
    List<ScoredGeneration.Scored> groups =
        List.of(
            with(group(generator, weights, 2, 0), brought, 0),
            with(group(generator, weights, 2, 1), brought, 1));
    try (Training training =
            new Training(
                generator,
                settings,
                Optional.empty(),
                Training.Start.fresh(weights),
                Device.cpu());
        FixedPointRegression expected = regression(generator, settings, weights)) {
      training.step(groups);
      expected.step(groups, brought, 0);
      assertThat(training.weights()).isEqualTo(expected.weights());
      assertThat(training.draws()).isZero();
    }
  }

  /** The group with its share of the references. */
  private static ScoredGeneration.Scored with(
      ScoredGeneration.Scored group, float[] references, int place) {
    float[] share = new float[references.length / 2];
    System.arraycopy(references, place * share.length, share, 0, share.length);
    Generation made = group.generation();
    return new ScoredGeneration.Scored(
        new Generation(
            made.run(),
            made.id(),
            made.weightsVersion(),
            made.noise(),
            made.contexts(),
            made.particles(),
            Optional.of(Tensor.of(new int[] {2, REFERENCES, 2}, share)),
            made.createdAtMillis()),
        group.scoring(),
        Tensor.of(new int[] {2, PARTICLES}, group.rewards().toArray()),
        group.gradients());
  }
}
