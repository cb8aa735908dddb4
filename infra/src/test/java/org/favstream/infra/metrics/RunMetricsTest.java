// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.learner.checkpoint.Checkpoint;
import org.favstream.learner.intake.Intake;
import org.favstream.learner.node.LearnerEvent;
import org.favstream.protocol.Evaluation;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.Transitions;
import org.favstream.reward.critic.CriticTrainer;
import org.favstream.reward.node.CriticEvent;
import org.favstream.reward.node.EvaluatorActor;
import org.favstream.reward.node.RewardEvent;
import org.favstream.sampler.fleet.FleetEvent;
import org.favstream.sampler.node.SamplerEvent;
import org.junit.jupiter.api.Test;

class RunMetricsTest {
  private static final Pattern NAME = Pattern.compile("(?m)^# TYPE (favstream_\\w+) ");
  private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(favstream_\\w+)");

  private final RunMetrics metrics = new RunMetrics("r-1", "learner");

  private static Checkpoint.Totals totals() {
    return new Checkpoint.Totals(50, 5000, 3, 70, 4, 1, 9.5);
  }

  private void learn() throws WeightsException {
    metrics.on(new LearnerEvent.Begun(2, 8, true, totals()));
    metrics.on(
        new LearnerEvent.Stepped(
            new LearnerEvent.Step(9, 2, 1.5, 6, 0.25, 0.5, 2, Optional.empty(), totals()),
            7,
            3,
            Map.of(Intake.Refusal.TOO_OLD, 3L)));
    metrics.on(
        new LearnerEvent.Published(
            new PublishedWeights(3, 1, 9, new Weights(List.of(), new float[0]), 0)));
    metrics.on(new LearnerEvent.RewardChanged(4, new RewardVersion("next", 1)));
  }

  private void act() {
    metrics.on(new FleetEvent.EpisodeEnded("f-0", -12.5, 200, 3, Transitions.Ending.TRUNCATED));
    metrics.on(new FleetEvent.EpisodeEnded("f-0", -7.5, 100, 3, Transitions.Ending.TRUNCATED));
    metrics.on(new FleetEvent.DeadlineMissed("f-0", 1));
    metrics.on(new FleetEvent.ActionRefused("f-0", 3, "e"));
    metrics.on(new FleetEvent.EnvironmentLost("f-0", "gone"));
    metrics.on(new FleetEvent.WeightsRefused("f-0", 3, "of another shape"));
  }

  private void score() {
    metrics.on(new RewardEvent.Scored(32, Duration.ofMillis(1500)));
    metrics.on(new RewardEvent.Scored(8, Duration.ofMillis(500)));
    metrics.on(new RewardEvent.Refused("NaN"));
    metrics.on(new RewardEvent.Waiting("away"));
  }

  private void sample() {
    metrics.on(new SamplerEvent.Emitted("s-0", 4, 128));
    metrics.on(new SamplerEvent.Emitted("s-0", 1, 32));
    metrics.on(new SamplerEvent.Emitted("s-1", 2, 64));
    metrics.on(new SamplerEvent.Applied("s-0", 3, Duration.ofMillis(150)));
  }

  private void judge() {
    metrics.on(
        new EvaluatorActor.Event(
            new Evaluation("r-1", 3, 9, Map.of("kl", 0.02, "watch.gold", -4.0))));
    metrics.on(
        new CriticEvent.Published(
            5, 20, 8000, new CriticTrainer.Outcome(0.1, -2, -2, 1, Optional.empty())));
    metrics.on(new CriticEvent.Refused("another robot's"));
    metrics.alarms(2);
  }

  @Test
  void shouldSayWhichProcessItIsAndNothingOfRolesThatItHasNot() {
    assertThat(metrics.text())
        .contains("favstream_info{code=\"", "role=\"learner\",run=\"r-1\"} 1")
        .contains("jvm_memory_used_bytes", "process_cpu_seconds_total")
        .doesNotContain("favstream_learner", "favstream_reward", "favstream_sampler");
  }

  @Test
  void shouldShowWhatALearnerDoes() throws WeightsException {
    learn();
    assertThat(metrics.text())
        .contains(
            "\nfavstream_learner_step 9.0\n",
            "\nfavstream_learner_weights_version 3.0\n",
            "\nfavstream_learner_reward_activation 4.0\n",
            "\nfavstream_learner_lag_versions 1.5\n",
            "\nfavstream_learner_queued_groups 7.0\n",
            "\nfavstream_learner_samplers 3.0\n",
            "\nfavstream_learner_refusals{reason=\"too_old\"} 3.0\n",
            "\nfavstream_learner_groups_total 50.0\n",
            "\nfavstream_learner_generations_total 5000.0\n",
            "\nfavstream_learner_refused_groups_total 3.0\n",
            "\nfavstream_learner_skipped_steps_total 1.0\n");
  }

  @Test
  void shouldShowWhatSamplersAndRewardNodesDo() {
    sample();
    score();
    assertThat(metrics.text())
        .contains(
            "\nfavstream_sampler_groups_total{sampler=\"s-0\"} 5.0\n",
            "\nfavstream_sampler_groups_total{sampler=\"s-1\"} 2.0\n",
            "\nfavstream_sampler_particles_total{sampler=\"s-0\"} 160.0\n",
            "\nfavstream_sampler_weights_version{sampler=\"s-0\"} 3.0\n",
            "\nfavstream_sampler_weights_delay_seconds_bucket{sampler=\"s-0\",le=\"0.1\"} 0\n",
            "\nfavstream_sampler_weights_delay_seconds_bucket{sampler=\"s-0\",le=\"0.2\"} 1\n",
            "\nfavstream_reward_groups_total 40.0\n",
            "\nfavstream_reward_scoring_seconds_total 2.0\n",
            "\nfavstream_reward_refused_groups_total 1.0\n",
            "\nfavstream_reward_waiting 1.0\n");
    metrics.on(new RewardEvent.GoesOn());
    assertThat(metrics.text()).contains("\nfavstream_reward_waiting 0.0\n");
  }

  @Test
  void shouldShowWhatIsMeasuredAndWhatAFleetLivesThrough() {
    judge();
    act();
    assertThat(metrics.text())
        .contains(
            "\nfavstream_evaluation{metric=\"kl\"} 0.02\n",
            "\nfavstream_evaluation{metric=\"watch.gold\"} -4.0\n",
            "\nfavstream_evaluation_version 3.0\n",
            "\nfavstream_critic_version 5.0\n",
            "\nfavstream_critic_value -2.0\n",
            "\nfavstream_critic_transitions 8000.0\n",
            "\nfavstream_critic_refused_transitions_total 1.0\n",
            "\nfavstream_watch_alarms 2.0\n",
            "\nfavstream_fleet_return_count 2\n",
            "\nfavstream_fleet_return_sum -20.0\n",
            "\nfavstream_fleet_steps_total 300.0\n",
            "\nfavstream_fleet_deadlines_missed_total 1.0\n",
            "\nfavstream_fleet_environments_lost_total 1.0\n",
            "\nfavstream_fleet_actions_refused_total 1.0\n",
            "\nfavstream_fleet_weights_refused_total 1.0\n");
  }

  @Test
  void shouldHaveEachMetricInTheDocsAndNoOther() throws IOException, WeightsException {
    learn();
    sample();
    score();
    judge();
    act();
    assertThat(names(NAME, metrics.text()))
        .isEqualTo(names(DOCUMENTED, Files.readString(Path.of("docs/metrics.md"))));
  }

  private static Set<String> names(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
