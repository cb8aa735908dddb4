// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Transitions;
import org.favstream.protocol.Transitions.Ending;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.EnvironmentSession;
import org.favstream.sampler.fleet.EpisodeSettings.OnMissedDeadline;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.generator.GeneratorSettings.Family;
import org.junit.jupiter.api.Test;

/** A worker's episodes, with time and the inference's thread in the test's hands. */
class EpisodeRunnerTest {
  private static final EpisodeSettings AT_ONCE =
      new EpisodeSettings(30, Duration.ZERO, OnMissedDeadline.ZERO);
  private static final Duration PERIOD = Duration.ofMillis(20);

  private final DrivenTime time = new DrivenTime();
  private final List<WatchedPoints> opened = new ArrayList<>();
  private final List<Transitions> told = new ArrayList<>();
  private final List<FleetEvent> events = new ArrayList<>();
  private PublishedWeights newest = TestPolicy.published(1, 0);
  private boolean down;

  private static FleetWorker worker(long incarnation, long seed) {
    return new FleetWorker("run-1", "arm-0", incarnation, seed);
  }

  private static EpisodeSettings every(Duration period, OnMissedDeadline how) {
    return new EpisodeSettings(30, period, how);
  }

  private EpisodeRunner runner(int copies, Generator policy, EpisodeSettings settings)
      throws WeightsException {
    return runner(worker(7, 1), copies, policy, settings);
  }

  private EpisodeRunner runner(
      FleetWorker worker, int copies, Generator policy, EpisodeSettings settings)
      throws WeightsException {
    return new EpisodeRunner(
        worker,
        settings,
        new EnvironmentSession(
            () -> open(copies),
            new EnvironmentSession.Backoff(Duration.ofSeconds(1), Duration.ofSeconds(9))),
        new PolicySource(policy, Device.cpu(), () -> newest),
        time,
        time,
        told::add,
        events::add);
  }

  private Environment open(int copies) throws EnvironmentException {
    if (down) {
      throw new EnvironmentException("points: nobody there");
    }
    WatchedPoints points = new WatchedPoints(copies);
    opened.add(points);
    return points;
  }

  private WatchedPoints points() {
    return opened.get(opened.size() - 1);
  }

  private static void steps(EpisodeRunner runner, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      runner.step();
    }
  }

  private List<Transitions> of(String episode) {
    return told.stream().filter(segment -> segment.episode().equals(episode)).toList();
  }

  private static float[] last(Transitions segment) {
    float[] all = segment.observations().toArray();
    return Arrays.copyOfRange(all, all.length - 2, all.length);
  }

  private static float[] first(Transitions segment) {
    return Arrays.copyOf(segment.observations().toArray(), 2);
  }

  private static float reward(Transitions segment, int step) {
    return segment.rewards().at(step);
  }

  @Test
  void shouldTellSegmentsThatJoinToWholeEpisodes() throws Exception {
    try (EpisodeRunner runner = runner(2, TestPolicy.constant(), AT_ONCE)) {
      steps(runner, 200);
    }
    assertThat(told)
        .extracting(Transitions::episode)
        .containsOnly("arm-0#7/0", "arm-0#7/1", "arm-0#7/2", "arm-0#7/3");
    for (int number = 0; number < 4; number++) {
      List<Transitions> segments = of("arm-0#7/" + number);
      assertThat(segments).extracting(Transitions::steps).containsExactly(30, 30, 30, 10);
      assertThat(segments).extracting(Transitions::firstStep).containsExactly(0L, 30L, 60L, 90L);
      assertThat(segments)
          .extracting(Transitions::ending)
          .containsExactly(Ending.NONE, Ending.NONE, Ending.NONE, Ending.TRUNCATED);
      for (int i = 1; i < segments.size(); i++) {
        assertThat(first(segments.get(i))).isEqualTo(last(segments.get(i - 1)));
      }
      double sum = 0;
      for (Transitions segment : segments) {
        assertThat(segment.run()).isEqualTo("run-1");
        assertThat(segment.environment()).isEqualTo("point-mass");
        assertThat(segment.source()).isEqualTo("fleet");
        assertThat(segment.weightsVersion()).isEqualTo(OptionalLong.of(1));
        assertThat(segment.reason()).isEmpty();
        for (int step = 0; step < segment.steps(); step++) {
          float position = segment.observations().at(2 * (step + 1));
          assertThat(reward(segment, step)).isEqualTo(-position * position);
          sum += reward(segment, step);
        }
      }
      assertThat(events)
          .contains(new FleetEvent.EpisodeEnded("arm-0", sum, 100, 1, Ending.TRUNCATED));
    }
    assertThat(points().seeds).doesNotHaveDuplicates();
    assertThat(points().isClosed()).isTrue();
  }

  @Test
  void shouldKeepAnEpisodesPolicyWhenOthersAreSwappedInItsMidst() throws Exception {
    TestPolicy policy = TestPolicy.constant();
    newest = TestPolicy.published(1, 1);
    try (EpisodeRunner runner = runner(2, policy, AT_ONCE)) {
      steps(runner, 5);
      newest = TestPolicy.published(2, -1);
      while (events.size() < 1) { // pushed one way, the points leave the line at different times
        runner.step();
      }
      steps(runner, 1);
      float[] both = points().actions.get(points().actions.size() - 1);
      assertThat(both).containsExactlyInAnyOrder(1, -1);
      assertThat(policy.isFreed(1)).isFalse();
      while (events.size() < 2) {
        runner.step();
      }
      steps(runner, 200);
      assertThat(policy.isFreed(1)).isTrue();
      assertThat(policy.isFreed(-1)).isFalse();
    }
    time.runAll();
    assertThat(policy.isFreed(-1)).isTrue();
    assertThat(told).hasSizeGreaterThan(4);
    for (Transitions segment : told) {
      boolean before = List.of("arm-0#7/0", "arm-0#7/1").contains(segment.episode());
      assertThat(segment.weightsVersion()).isEqualTo(OptionalLong.of(before ? 1 : 2));
      assertThat(segment.actions().toArray()).containsOnly(before ? 1 : -1);
    }
    assertThat(told).extracting(Transitions::ending).contains(Ending.TERMINATED);
  }

  @Test
  void shouldFreeWeightsThatNoEpisodeBeganWith() throws Exception {
    TestPolicy policy = TestPolicy.constant();
    try (EpisodeRunner runner = runner(1, policy, AT_ONCE)) {
      for (int version = 2; version < 5; version++) {
        steps(runner, 100);
        newest = TestPolicy.published(version, version / 10f);
      }
      steps(runner, 100);
      assertThat(policy.isFreed(0)).isTrue();
    }
  }

  @Test
  void shouldClipWhatThePolicyGives() throws Exception {
    newest = TestPolicy.published(1, -7);
    try (EpisodeRunner runner = runner(1, TestPolicy.constant(), AT_ONCE)) {
      steps(runner, 31);
    }
    assertThat(points().actions).allSatisfy(action -> assertThat(action).containsExactly(-1));
    assertThat(told).isNotEmpty();
    assertThat(told.get(0).actions().toArray()).containsOnly(-1);
  }

  @Test
  void shouldStandStillAndSaySoWhenAnActionIsNotFinite() throws Exception {
    // At θ = -1 the logarithm is NaN, at 0 infinite, which clipping alone would let pass as -1.
    TestPolicy policy = new TestPolicy((theta, noise, seen) -> noise.mul(0).add(theta).log());
    for (float theta : new float[] {-1, 0}) {
      events.clear();
      newest = TestPolicy.published(4, theta);
      try (EpisodeRunner runner = runner(1, policy, AT_ONCE)) {
        steps(runner, 2);
      }
      assertThat(points().actions).allSatisfy(action -> assertThat(action).containsExactly(0));
      assertThat(events)
          .hasSize(2)
          .containsOnly(new FleetEvent.ActionRefused("arm-0", 4, "arm-0#7/0"));
    }
  }

  /** Half of where it is: whoever used an old observation would show it. */
  private static TestPolicy halfThePosition() {
    return new TestPolicy((theta, noise, seen) -> seen.get(":, :1").mul(0.5f));
  }

  private void requireActions(Transitions segment, int from, int to) {
    for (int step = from; step < to; step++) {
      assertThat(segment.actions().at(step)).isEqualTo(segment.observations().at(2 * step) / 2);
    }
  }

  @Test
  void shouldStopTheArmAndDropTheResultWhenInferenceIsLate() throws Exception {
    try (EpisodeRunner runner =
        runner(1, halfThePosition(), every(PERIOD, OnMissedDeadline.ZERO))) {
      steps(runner, 5);
      time.beLate(1);
      steps(runner, 1);
      assertThat(events).containsExactly(new FleetEvent.DeadlineMissed("arm-0", 1));
      steps(runner, 25);
    }
    Transitions segment = told.get(0);
    requireActions(segment, 0, 5);
    assertThat(segment.actions().at(5)).isZero();
    assertThat(points().actions.get(5)).containsExactly(0);
    requireActions(segment, 6, 30);
  }

  @Test
  void shouldHoldTheActionBeforeWhenInferenceIsLateAndItIsAskedTo() throws Exception {
    try (EpisodeRunner runner =
        runner(1, halfThePosition(), every(PERIOD, OnMissedDeadline.HOLD))) {
      time.beLate(1);
      steps(runner, 5); // the first action there is none before
      time.beLate(1);
      steps(runner, 26);
    }
    Transitions segment = told.get(0);
    assertThat(segment.actions().at(0)).isZero();
    requireActions(segment, 1, 5);
    assertThat(segment.actions().at(5)).isEqualTo(segment.actions().at(4)).isNotZero();
    requireActions(segment, 6, 30);
  }

  @Test
  void shouldNeverRunTwoPassesAtOnce() throws Exception {
    TestPolicy policy = halfThePosition();
    try (EpisodeRunner runner = runner(1, policy, every(PERIOD, OnMissedDeadline.ZERO))) {
      steps(runner, 1);
      time.beLate(3);
      steps(runner, 3);
      assertThat(time.mostTasks).isEqualTo(1);
      assertThat(policy.passes).hasValue(1);
      assertThat(events)
          .extracting(event -> ((FleetEvent.DeadlineMissed) event).count())
          .containsExactly(1L, 2L, 3L);
      steps(runner, 1);
      assertThat(policy.passes).hasValue(3); // the late one, and this step's
    }
  }

  @Test
  void shouldFailWhenALatePassFails() throws Exception {
    TestPolicy policy =
        new TestPolicy(
            (theta, noise, seen) -> {
              throw new IllegalStateException("no memory");
            });
    try (EpisodeRunner runner = runner(1, policy, every(PERIOD, OnMissedDeadline.ZERO))) {
      time.beLate(1);
      steps(runner, 1);
      assertThatThrownBy(runner::step)
          .isInstanceOf(CompletionException.class)
          .hasMessageContaining("no memory");
    }
  }

  @Test
  void shouldKeepItsPeriodAndNotMakeUpForASlowStep() throws Exception {
    try (EpisodeRunner runner =
        runner(1, TestPolicy.constant(), every(PERIOD, OnMissedDeadline.ZERO))) {
      time.pass(Duration.ofMillis(3));
      steps(runner, 2);
      points().onStep = () -> time.pass(Duration.ofMillis(50));
      steps(runner, 1);
      points().onStep = () -> time.pass(Duration.ofMillis(5));
      steps(runner, 2);
    }
    assertThat(time.sleeps.stream().map(nanos -> nanos / 1_000_000))
        .containsExactly(23L, 43L, 113L, 133L);
  }

  @Test
  void shouldSayThatEpisodesAreLostAndBeginAllAnewWhenTheEnvironmentIs() throws Exception {
    try (EpisodeRunner runner = runner(2, TestPolicy.constant(), AT_ONCE)) {
      steps(runner, 30); // just a segment
      points().broken = true;
      steps(runner, 1);
      assertThat(told).extracting(Transitions::episode).containsExactly("arm-0#7/0", "arm-0#7/1");
      assertThat(told).extracting(Transitions::steps).containsOnly(30);
      assertThat(told).extracting(Transitions::ending).containsOnly(Ending.LOST);
      assertThat(told).extracting(Transitions::reason).containsOnly("points: broke");
      assertThat(events).contains(new FleetEvent.EnvironmentLost("arm-0", "points: broke"));
      assertThat(time.sleeps).containsExactly(Duration.ofSeconds(1).toNanos());
      down = true;
      steps(runner, 1);
      assertThat(time.sleeps).last().isEqualTo(Duration.ofSeconds(3).toNanos());
      down = false;
      newest = TestPolicy.published(9, 0);
      steps(runner, 100);
    }
    assertThat(opened).hasSize(2);
    assertThat(opened).allMatch(WatchedPoints::isClosed);
    assertThat(of("arm-0#7/2")).extracting(Transitions::steps).containsExactly(30, 30, 30, 10);
    assertThat(of("arm-0#7/3")).extracting(Transitions::steps).containsExactly(30, 30, 30, 10);
    assertThat(of("arm-0#7/3"))
        .extracting(Transitions::weightsVersion)
        .containsOnly(OptionalLong.of(9));
  }

  @Test
  void shouldEndEpisodesAsTheyEndedWhenTheEnvironmentIsLostAtTheReset() throws Exception {
    try (EpisodeRunner runner = runner(2, TestPolicy.constant(), AT_ONCE)) {
      steps(runner, 1);
      points().brokenAtReset = true;
      steps(runner, 99);
      assertThat(of("arm-0#7/0"))
          .extracting(Transitions::ending)
          .last()
          .isEqualTo(Ending.TRUNCATED);
      assertThat(of("arm-0#7/1"))
          .extracting(Transitions::ending)
          .last()
          .isEqualTo(Ending.TRUNCATED);
      assertThat(events).last().isEqualTo(new FleetEvent.EnvironmentLost("arm-0", "points: broke"));
      int before = told.size();
      steps(runner, 100);
      assertThat(told).hasSize(before + 8);
    }
  }

  private List<Transitions> lived(FleetWorker worker) throws Exception {
    told.clear();
    TestPolicy noisy = new TestPolicy((theta, noise, seen) -> noise.mul(0.3f));
    try (EpisodeRunner runner = runner(worker, 3, noisy, AT_ONCE)) {
      steps(runner, 150);
    }
    return List.copyOf(told);
  }

  @Test
  void shouldLiveThroughTheSameUnderTheSameSeed() throws Exception {
    List<Transitions> once = lived(worker(7, 1));
    assertThat(lived(worker(7, 1))).isEqualTo(once);
    for (FleetWorker other : List.of(worker(7, 2), worker(8, 1))) {
      Transitions first = lived(other).get(0);
      assertThat(first.observations()).isNotEqualTo(once.get(0).observations());
      assertThat(first.actions()).isNotEqualTo(once.get(0).actions());
    }
    assertThat(once.get(0).actions()).isNotEqualTo(once.get(1).actions());
  }

  @Test
  void shouldKeepItsWeightsAndSaySoOnceWhenTheNextAreOfAnotherShape() throws Exception {
    try (EpisodeRunner runner = runner(2, TestPolicy.constant(), AT_ONCE)) {
      newest = TestPolicy.ofAnotherShape(2);
      steps(runner, 300);
      newest = TestPolicy.published(3, 0.01f);
      steps(runner, 100);
    }
    assertThat(events).filteredOn(FleetEvent.WeightsRefused.class::isInstance).hasSize(1);
    assertThat(told).extracting(Transitions::weightsVersion).doesNotContain(OptionalLong.of(2));
    assertThat(told).extracting(Transitions::weightsVersion).contains(OptionalLong.of(1));
  }

  @Test
  void shouldRefuseItsFirstWeightsWhenTheyAreOfAnotherShape() {
    newest = TestPolicy.ofAnotherShape(1);
    assertThatThrownBy(() -> runner(1, TestPolicy.constant(), AT_ONCE))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("theta[2], expected theta[1]");
  }

  @Test
  void shouldNameSizesThatDoNotFitWhenTheEnvironmentIsForAnotherPolicy() throws Exception {
    Generator other = new GeneratorSettings(Family.POLICY, 2, 5, 2, List.of(4), 1).create();
    newest =
        new PublishedWeights(
            1, 1, 1, new Weights(other.layout().tensors(), other.initialParameters(1)), 0);
    try (EpisodeRunner runner = runner(1, other, AT_ONCE)) {
      assertThatThrownBy(runner::step)
          .isInstanceOf(EnvironmentException.class)
          .hasMessage(
              "environment point-mass has observations of 2 and actions of 1, the policy takes 5 and gives 2");
    }
  }

  @Test
  void shouldRunAPolicyOfTheUsualKind() throws Exception {
    Generator usual = new GeneratorSettings(Family.POLICY, 1, 2, 1, List.of(8), 1).create();
    newest =
        new PublishedWeights(
            1, 1, 1, new Weights(usual.layout().tensors(), usual.initialParameters(1)), 0);
    try (EpisodeRunner runner = runner(2, usual, AT_ONCE)) {
      steps(runner, 101);
    }
    assertThat(told).isNotEmpty();
    assertThat(told.get(0).actions().toArray()).doesNotHaveDuplicates();
  }
}
