// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.favstream.infra.job.Job;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Evaluation;
import org.favstream.protocol.RegistryEvent;
import org.favstream.reward.evaluation.GoldWatch;
import org.favstream.reward.node.GoldAlarm;
import org.favstream.reward.node.RewardControl;
import org.favstream.reward.registry.NewReward;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.Registry;
import org.favstream.reward.registry.RewardOperations;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Controls that watch a gold reward on a real log, of which some die half way. */
@ExtendWith(RealBroker.class)
class GoldAlarmsIT {
  private static final long PATIENCE_SECONDS = 120;
  private static final GoldWatch.Settings SETTINGS = new GoldWatch.Settings(2, 2, 1, 0.1, true);
  private static final Evaluation BEST = reading(1, 1, 5);

  /** The alarm's: gold fell, the reward rose. */
  private static final Evaluation WORSE = reading(2, 2, 1);

  private static final Evaluation NEXT = reading(3, 2, 1);

  private final List<RewardControl> controls = new ArrayList<>();
  private final Told told = new Told();
  private final Job job = TestLoop.job();
  private final TestLoop loop;
  private final Producer<String, byte[]> producer;
  private final RewardControl control;

  GoldAlarmsIT(TestLog log, @TempDir Path folder) {
    this.loop = new TestLoop(log, job, folder);
    this.producer = log.producer(Map.of());
    this.control = control("first");
  }

  @BeforeEach
  void activate() throws RefusedException {
    control.add(
        new NewReward(
            "twice",
            false,
            "sum",
            Map.of(),
            List.of(new NewReward.Term(job.rewards().version().toString(), 2)),
            Optional.empty()),
        "alice");
    control.activate("twice", new RewardOperations.ActivationRequest(false, 0, ""), "alice");
  }

  @AfterEach
  void end() throws Exception {
    controls.forEach(RewardControl::close);
    producer.close();
    loop.close();
  }

  private RewardControl control(String name) {
    RewardControl made = job.rewards().control(loop.node(), name, Duration.ofSeconds(60));
    controls.add(made);
    return made;
  }

  /** What alarms tell people. */
  private static final class Told implements GoldAlarm.Listener {
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final AtomicInteger counts = new AtomicInteger();

    @Override
    public void say(String message) {
      said.add(message);
    }

    @Override
    public void alarms(long soFar) {
      counts.incrementAndGet();
    }

    boolean hasSaid(String part) {
      return said.stream().anyMatch(message -> message.contains(part));
    }
  }

  private static Evaluation reading(long version, double proxy, double gold) {
    return reading(1, version, proxy, gold);
  }

  private static Evaluation reading(long activation, long version, double proxy, double gold) {
    return new Evaluation(
        "test",
        version,
        version,
        Map.of(
            GoldWatch.ACTIVATION,
            (double) activation,
            GoldWatch.PROXY,
            proxy,
            GoldWatch.GOLD,
            gold,
            "watch.goldStd",
            1.0));
  }

  private void put(Evaluation... readings) throws Exception {
    for (Evaluation reading : readings) {
      TestLog.send(producer, loop.topics().evaluations(), 0, Codec.EVALUATION.encode(reading));
    }
  }

  private GoldAlarm watch(RewardControl control, String name) {
    return new GoldAlarm(loop.node(), control, SETTINGS, name, told);
  }

  private void await(String what, BooleanSupplier come) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!come.getAsBoolean()) {
      assertThat(System.nanoTime())
          .describedAs("%s; said so far: %s", what, told.said)
          .isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private void awaitBack() throws InterruptedException {
    await("the rollback", () -> told.hasSaid("rolled back from twice@1 to eight-gaussians@1"));
  }

  private <E extends RegistryEvent> List<Registry.Entry> history(Class<E> type)
      throws RefusedException {
    return control.registry().history().stream()
        .filter(entry -> type.isInstance(entry.event()))
        .toList();
  }

  private void assertOneAlarmAndOneWayBack() throws RefusedException {
    assertThat(history(RegistryEvent.Alarmed.class))
        .filteredOn(entry -> entry.voidBecause().isEmpty())
        .hasSize(1);
    assertThat(history(RegistryEvent.Activated.class))
        .describedAs("nobody else even tried to go back")
        .hasSize(2);
    assertThat(control.registry().active()).isEqualTo(job.rewards().version());
  }

  @Test
  void shouldAlarmAndGoBackOnceWhereSeveralControlsWatch() throws Exception {
    RewardControl second = control("second");
    try (GoldAlarm one = watch(control, "first");
        GoldAlarm other = watch(second, "second")) {
      assertThat(one).isNotSameAs(other);
      await("both have caught up", () -> told.counts.get() == 2);
      put(BEST, WORSE);
      await("both have counted", () -> told.counts.get() == 4);
      awaitBack();
    }
    assertOneAlarmAndOneWayBack();
  }

  @Test
  void shouldGoBackAtTheNextReadingWhereTheOneThatAlarmedDied() throws Exception {
    try (GoldAlarm alarm = watch(control, "first")) {
      await("it has caught up", () -> told.counts.get() == 1);
      control("gone").alarm(GoldAlarm.NAME, WORSE.version(), "gold fell", "gone");
      put(BEST, WORSE);
      await("it has counted", () -> told.counts.get() == 2);
      assertThat(control.registry().active().name()).isEqualTo("twice");
      put(NEXT);
      awaitBack();
      assertThat(alarm).isNotNull();
    }
    assertOneAlarmAndOneWayBack();
  }

  @Test
  void shouldGoBackWhenItBeginsWhereTheOneThatAlarmedDied() throws Exception {
    put(BEST, WORSE);
    control.alarm(GoldAlarm.NAME, WORSE.version(), "gold fell", "gone");
    try (GoldAlarm alarm = watch(control, "first")) {
      awaitBack();
      assertThat(alarm).isNotNull();
    }
    assertThat(told.said).describedAs("the alarm is known").hasSize(1);
    assertOneAlarmAndOneWayBack();
  }

  @Test
  void shouldAlarmWhenItBeginsWhereTheOneThatReadDied() throws Exception {
    put(BEST, WORSE);
    try (GoldAlarm alarm = watch(control, "first")) {
      awaitBack();
      assertThat(alarm).isNotNull();
    }
    assertThat(told.said.get(0)).startsWith("over-optimisation: the gold reward fell from");
    assertOneAlarmAndOneWayBack();
  }

  @Test
  void shouldLeaveWhatWasActivatedSince() throws Exception {
    put(BEST, WORSE);
    control.alarm(GoldAlarm.NAME, WORSE.version(), "gold fell", "gone");
    control.rollback("", "bob");
    control.activate("twice", new RewardOperations.ActivationRequest(false, 0, ""), "bob");
    try (GoldAlarm alarm = watch(control, "first")) {
      await("it has caught up", () -> told.counts.get() == 1);
      // Late ones of the activation that was left, and then such of the one in force.
      put(NEXT, reading(3, 4, 1, 5), reading(3, 5, 2, 1));
      awaitBack();
      assertThat(alarm).isNotNull();
    }
    assertThat(told.said).describedAs("one alarm, and one way back").hasSize(2);
    assertThat(history(RegistryEvent.Activated.class))
        .extracting(entry -> entry.event().origin().by())
        .containsExactly("alice", "bob", "bob", "first");
  }
}
