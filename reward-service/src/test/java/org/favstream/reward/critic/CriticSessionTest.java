// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.favstream.actors.weights.Safetensors;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Tensor;
import org.favstream.protocol.Transitions;
import org.favstream.sampler.environment.TransitionSet;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.junit.jupiter.api.Test;

class CriticSessionTest {
  private static final String RUN = "run-1";
  private static final TransitionSet OFFLINE = Lived.numbered(0, 50);
  private static final Generator POLICY =
      new GeneratorSettings(GeneratorSettings.Family.POLICY, 1, 2, 1, List.of(8), 1).create();

  private static CriticSession.Settings settings(Map<String, Double> weights) {
    return new CriticSession.Settings(
        new CriticSettings(0.9, 1e-3, 0.1, CriticSettings.Aggregation.MEAN, 1e-3),
        List.of(8),
        6,
        4,
        1000,
        weights);
  }

  private static CriticSession session(
      Map<String, Double> weights, Optional<CriticCheckpoint> checkpoint)
      throws WeightsException, RefusedTransitionsException {
    return new CriticSession(
        RUN,
        settings(weights),
        OFFLINE,
        POLICY,
        new Weights(POLICY.layout().tensors(), POLICY.initialParameters(3)),
        checkpoint,
        1,
        Device.cpu());
  }

  private static Transitions lived(String run, String source, float observation, Tensor actions) {
    return new Transitions(
        run,
        OFFLINE.environment(),
        source,
        "episode-1",
        0,
        OptionalLong.empty(),
        Tensor.of(new int[] {3, 2}, new float[] {observation, 1, observation, 2, observation, 3}),
        actions,
        Tensor.of(new int[] {2}, new float[] {1, 2}),
        Transitions.Ending.TERMINATED,
        "");
  }

  private static Tensor actions(float... actions) {
    return Tensor.of(new int[] {2, actions.length / 2}, actions);
  }

  @Test
  void shouldGoOnToTheLastBitWhenItComesBackFromItsCheckpoint() throws Exception {
    try (CriticSession straight = session(Map.of(), Optional.empty());
        CriticSession first = session(Map.of(), Optional.empty())) {
      for (int i = 0; i < 5; i++) {
        straight.update();
        first.update();
      }
      Safetensors file = first.checkpoint(7).toFile();
      CriticCheckpoint kept = CriticCheckpoint.fromFile(file);
      assertThat(kept.version()).isEqualTo(7);
      assertThat(kept.run()).isEqualTo(RUN);
      try (CriticSession second = session(Map.of(), Optional.of(kept))) {
        for (int i = 0; i < 5; i++) {
          assertThat(second.update().states()).isEqualTo(straight.update().states());
        }
        assertThat(second.updates()).isEqualTo(10);
        assertThat(second.weights()).isEqualTo(straight.weights());
      }
    }
  }

  @Test
  void shouldSendTheStatesThatItLearnedFromWithTheActionsThatWereTakenThere() throws Exception {
    try (CriticSession session = session(Map.of(), Optional.empty())) {
      for (int update = 0; update < 20; update++) {
        var states = session.update().states();
        assertThat(states.counter()).isEqualTo(update);
        assertThat(states.observations().hasShape(4, 2)).isTrue();
        assertThat(states.references().hasShape(4, 1, 1)).isTrue();
        for (int row = 0; row < 4; row++) {
          float number = states.observations().at(2 * row); // as the set has it
          assertThat(states.references().at(row)).isEqualTo(number / 10_000f);
        }
      }
    }
  }

  @Test
  void shouldDrawAPersonsTransitionsMoreOftenWhenTheirSourceCountsMore() throws Exception {
    Map<String, Double> weights = Map.of("human", 100.0);
    try (CriticSession session = session(weights, Optional.empty())) {
      session.append(lived(RUN, "human:alice", -77, actions(0.5f, 0.5f)));
      session.append(lived(RUN, "fleet", -88, actions(0.5f, 0.5f)));
      assertThat(session.transitions()).isEqualTo(54);
      int human = 0;
      int fleet = 0;
      for (int update = 0; update < 200; update++) {
        Tensor observations = session.update().states().observations();
        for (int row = 0; row < 4; row++) {
          human += observations.at(2 * row) == -77 ? 1 : 0;
          fleet += observations.at(2 * row) == -88 ? 1 : 0;
        }
      }
      // 200 of 252 parts of the weight against 2.
      assertThat(human / 800.0).isBetween(0.74, 0.85);
      assertThat(fleet / 800.0).isLessThan(0.03);
    }
  }

  @Test
  void shouldRefuseByNameWhatIsNotThisRunsOrNotThisRobots() throws Exception {
    try (CriticSession session = session(Map.of(), Optional.empty())) {
      assertThatThrownBy(() -> session.append(lived("run-2", "fleet", 0, actions(0, 0))))
          .isInstanceOf(RefusedTransitionsException.class)
          .hasMessageContainingAll("run-2", RUN);
      assertThatThrownBy(() -> session.append(lived(RUN, "human:bob", 0, actions(0, 0, 0, 0))))
          .isInstanceOf(RefusedTransitionsException.class)
          .hasMessageContainingAll("human:bob", "[2, 2]", "actions of 1");
      assertThatThrownBy(() -> session.append(lived(RUN, "fleet", 0, actions(0, 1.5f))))
          .isInstanceOf(RefusedTransitionsException.class)
          .hasMessageContainingAll("action", "1.5");
      assertThat(session.transitions()).isEqualTo(50);
    }
  }

  @Test
  void shouldRefuseACheckpointOfOtherCritics() throws Exception {
    CriticCheckpoint kept;
    try (CriticSession session = session(Map.of(), Optional.empty())) {
      kept = session.checkpoint(1);
    }
    CriticCheckpoint other =
        new CriticCheckpoint(
            RUN, 1, 1, new CriticTrainer.State(new float[3], new float[3], kept.state().moments()));
    assertThatThrownBy(() -> session(Map.of(), Optional.of(other)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("other critics");
    Safetensors nothing = new Safetensors(Map.of(), Map.of());
    assertThatThrownBy(() -> CriticCheckpoint.fromFile(nothing))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("no checkpoint of critics");
  }
}
