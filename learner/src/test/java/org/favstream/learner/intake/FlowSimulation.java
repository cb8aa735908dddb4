// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.protocol.Generation;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.Lease;
import org.favstream.protocol.Noise;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Scoring;
import org.favstream.protocol.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Drives the flow through seeded interleavings: samplers of very different speeds, messages that
 * take their time, duplicates, samplers that die and start anew, a learner that restarts from its
 * checkpoint, rewards that change while scorers and learner hear of it late. After every step: no
 * group beyond the lag bound, none twice, each scored by its own reward, and no standstill.
 */
class FlowSimulation {
  private static final Intake.Shape SHAPE = new Intake.Shape(1, 1, 1, 0, 0);

  @TestFactory
  List<DynamicTest> shouldHoldTheBoundAndLoseNothingWhenNobodyDies() {
    return LongStream.range(0, 150)
        .mapToObj(
            seed ->
                DynamicTest.dynamicTest(
                    "seed " + seed,
                    () -> {
                      World world = new World(seed, false);
                      world.run(400);
                      assertThat(world.flow.refusals())
                          .describedAs("seed %d: %s", seed, world.settings)
                          .doesNotContainKeys(
                              Intake.Refusal.TOO_OLD,
                              Intake.Refusal.FROM_THE_FUTURE,
                              Intake.Refusal.FOREIGN);
                      assertThat((long) world.trained.size() + world.refused())
                          .describedAs(
                              "seed %d: every emitted group is trained or on its way", seed)
                          .isBetween(world.emitted() - world.underWay(), world.emitted());
                    }))
        .toList();
  }

  @TestFactory
  List<DynamicTest> shouldHoldTheBoundAndGoOnWhenSamplersDieAndTheLearnerRestarts() {
    return LongStream.range(1000, 1150)
        .mapToObj(
            seed -> DynamicTest.dynamicTest("seed " + seed, () -> new World(seed, true).run(400)))
        .toList();
  }

  @TestFactory
  List<DynamicTest> shouldLoseNothingWhenTheWholeRunIsResumed() {
    return LongStream.range(2000, 2150)
        .mapToObj(
            seed ->
                DynamicTest.dynamicTest(
                    "seed " + seed,
                    () -> {
                      World world = new World(seed, false);
                      for (int life = 1; life <= 4; life++) {
                        world.run(life * 60L);
                        assertThat(world.flow.refusals())
                            .describedAs("seed %d, life %d: %s", seed, life, world.settings)
                            .doesNotContainKey(Intake.Refusal.TOO_OLD);
                        world.resumeAll();
                      }
                    }))
        .toList();
  }

  @TestFactory
  List<DynamicTest> shouldLoseAndMixNothingWhenTheRewardChangesAgainAndAgain() {
    return LongStream.range(3000, 3200)
        .mapToObj(
            seed ->
                DynamicTest.dynamicTest(
                    "seed " + seed,
                    () -> {
                      World world = new World(seed, false);
                      world.swapEvery = 200 + (int) (seed % 7) * 300;
                      world.learnerRestarts = seed % 2 == 0;
                      world.run(400);
                      assertThat(world.timeline.current().number())
                          .describedAs("swaps, or this proves nothing")
                          .isGreaterThan(0);
                      assertThat(world.flow.refusals())
                          .describedAs("seed %d: %s", seed, world.settings)
                          .doesNotContainKeys(
                              Intake.Refusal.MISSING,
                              Intake.Refusal.UNKNOWN_REWARD,
                              Intake.Refusal.TOO_OLD,
                              Intake.Refusal.FROM_THE_FUTURE);
                      if (!world.learnerRestarts) {
                        assertThat((long) world.trained.size() + world.refused())
                            .describedAs("seed %d: every group is trained or under way", seed)
                            .isBetween(world.emitted() - world.underWay(), world.emitted());
                      }
                    }))
        .toList();
  }

  private record Event(long at, long order, Runnable action) {}

  private static final class World {
    private final Random random;
    private final long seed;
    private final boolean harsh;
    private final Flow.Settings settings;
    private final PriorityQueue<Event> events =
        new PriorityQueue<>(
            (a, b) -> a.at != b.at ? Long.compare(a.at, b.at) : Long.compare(a.order, b.order));
    private final List<SimulatedSampler> samplers = new ArrayList<>();
    private final Map<String, Long> lastDelivery = new HashMap<>();
    private final List<ScoredGeneration> log = new ArrayList<>();
    private final Set<GroupId> trained = new HashSet<>();
    private final Set<GroupId> trainedAtCheckpoint = new HashSet<>();
    private Flow.State checkpoint = Flow.State.initial();
    private Flow flow;
    private long clock;
    private long order;
    private long steps;
    private boolean busy;
    private boolean started;
    private Map<String, Long> lastCredits = Map.of();
    private int life;
    private int swapEvery; // milliseconds; 0: never
    private boolean learnerRestarts;
    private RewardTimeline timeline = RewardTimeline.of(new RewardVersion("r", 1));
    private RewardTimeline knownToLearner = timeline;
    private final List<Generation> generations = new ArrayList<>(); // by offset
    private final Map<String, Scorer> scorers = new HashMap<>();

    World(long seed, boolean harsh) {
      this.seed = seed;
      this.harsh = harsh;
      this.random = new Random(seed);
      this.settings =
          new Flow.Settings(
              random.nextInt(5),
              1 + random.nextInt(3),
              1 + random.nextInt(4),
              Duration.ofMillis(3000),
              Duration.ofMillis(harsh ? 2000 : 1_000_000));
      this.flow = new Flow("run", settings, SHAPE, timeline, checkpoint, now());
      int count = 1 + random.nextInt(4);
      for (int i = 0; i < count; i++) {
        samplers.add(new SimulatedSampler("s" + i, 0, 1 + random.nextInt(200)));
      }
    }

    private Instant now() {
      return Instant.ofEpochMilli(clock);
    }

    private void after(long delay, Runnable action) {
      events.add(new Event(clock + delay, order++, action));
    }

    private long emitted() {
      return samplers.stream().mapToLong(sampler -> sampler.counter).sum();
    }

    private long refused() {
      return flow.refusals().getOrDefault(Intake.Refusal.UNSCORED, 0L);
    }

    private long underWay() {
      return (settings.maxLag() + 1L) * settings.groupsPerStep() * settings.publishEvery();
    }

    /**
     * All processes end and start again; what is on the log, or with a reward actor, still comes.
     */
    void resumeAll() {
      List<SimulatedSampler> next = new ArrayList<>();
      for (SimulatedSampler old : samplers) {
        if (old.alive) {
          next.add(new SimulatedSampler(old.id, old.incarnation + 1, old.period));
        }
        old.alive = false;
      }
      samplers.addAll(next);
      busy = false;
      life++;
      started = false;
      restartLearner();
    }

    void run(long wantedSteps) {
      if (!started) {
        started = true;
        broadcastVersion();
        samplers.stream().filter(sampler -> sampler.alive).forEach(SimulatedSampler::start);
        int now = life;
        after(100, () -> tick(now));
        if (swapEvery > 0) {
          after(swapEvery, this::swap);
        }
      }
      long limit = 10_000_000;
      while (steps < wantedSteps) {
        Event event = events.remove();
        clock = event.at;
        assertThat(clock)
            .describedAs("seed %d: standstill after %d steps: %s", seed, steps, settings)
            .isLessThan(limit);
        event.action.run();
      }
    }

    private void tick(int of) {
      if (of != life) {
        return;
      }
      flow.grant(now()).ifPresent(this::broadcastCredits);
      advance();
      if (learnerRestarts && random.nextInt(100) == 0) {
        restartLearner();
      }
      if (harsh && random.nextInt(40) == 0) {
        disturb();
      }
      after(100, () -> tick(of));
    }

    private void disturb() {
      if (random.nextInt(3) == 0) {
        restartLearner();
        return;
      }
      SimulatedSampler victim = samplers.get(random.nextInt(samplers.size()));
      if (victim.alive) {
        victim.alive = false;
        if (samplers.stream().noneMatch(sampler -> sampler.alive) || random.nextBoolean()) {
          SimulatedSampler next =
              new SimulatedSampler(victim.id, victim.incarnation + 1, victim.period);
          next.seenVersion = flow.version();
          next.appliedVersion = -1;
          samplers.add(next);
          after(random.nextInt(5000), next::start);
        }
      }
    }

    /** The learner dies between two events; what it had trained since its checkpoint is gone. */
    private void restartLearner() {
      trained.clear();
      trained.addAll(trainedAtCheckpoint);
      knownToLearner = timeline; // it reads the registry first
      flow = new Flow("run", settings, SHAPE, timeline, checkpoint.withGranted(lastCredits), now());
      long from = checkpoint.positions().getOrDefault(0, 0L);
      for (long offset = from; offset < log.size(); offset++) {
        flow.onScored(0, offset, log.get((int) offset));
      }
      broadcastVersion();
      broadcastCredits(flow.granted());
    }

    private void broadcastVersion() {
      long version = flow.version();
      samplers.forEach(sampler -> after(random.nextInt(150), () -> sampler.onVersion(version)));
    }

    private void broadcastCredits(Map<String, Long> granted) {
      lastCredits = granted;
      long version = flow.version();
      for (SimulatedSampler sampler : samplers) {
        after(
            random.nextInt(150),
            () -> sampler.onCredits(version, granted.getOrDefault(sampler.key(), 0L)));
      }
    }

    /** The fence is where the log ends now; everyone learns of it when they do. */
    private void swap() {
      timeline =
          timeline.with(
              new RegistryEvent.Activated(
                  new RegistryEvent.Origin("run", clock, "alice"),
                  new RewardVersion("r", random.nextInt(3)),
                  timeline.current().number() + 1,
                  Map.of(0, (long) generations.size()),
                  0,
                  false,
                  ""));
      RewardTimeline now = timeline;
      after(random.nextInt(400), () -> learnerHears(now));
      scorers.values().forEach(scorer -> after(random.nextInt(400), () -> scorer.hear(now)));
      after(1 + random.nextInt(2 * swapEvery), this::swap);
    }

    private void learnerHears(RewardTimeline now) {
      if (now.current().number() > knownToLearner.current().number()) {
        knownToLearner = now;
        flow.onTimeline(now);
        advance();
      }
    }

    /** Scores a key's groups in their order, and goes back when it hears of another reward. */
    private final class Scorer {
      private final List<Integer> offsets = new ArrayList<>();
      private RewardTimeline known = timeline;
      private int next;
      private boolean works;

      void add(int offset) {
        offsets.add(offset);
        work();
      }

      void hear(RewardTimeline now) {
        long fence = now.changedSince(known.current().number(), 0);
        known = now.current().number() > known.current().number() ? now : known;
        while (next > 0 && offsets.get(next - 1) >= fence) {
          next--;
        }
        work();
      }

      private void work() {
        if (works || next == offsets.size()) {
          return;
        }
        works = true;
        after(
            1 + random.nextInt(random.nextInt(5) == 0 ? 200 : 5),
            () -> {
              works = false;
              if (next < offsets.size()) {
                int offset = offsets.get(next++);
                RewardTimeline.Activation activation = known.at(0, offset);
                arrive(
                    outcome(
                        generations.get(offset),
                        new Scoring(
                            activation.reward(),
                            activation.number(),
                            offset,
                            Optional.empty(),
                            Optional.empty())));
              }
              work();
            });
      }
    }

    /** Scores keep a key's order; a duplicate may follow at once or later. */
    private void deliver(Generation group) {
      String key = group.id().key();
      if (swapEvery > 0) {
        generations.add(group);
        scorers.computeIfAbsent(key, unseen -> new Scorer()).add(generations.size() - 1);
        return;
      }
      long at = Math.max(clock + 1 + random.nextInt(300), lastDelivery.getOrDefault(key, 0L) + 1);
      lastDelivery.put(key, at);
      ScoredGeneration outcome = outcome(group, Scoring.by(timeline.current().reward()));
      after(at - clock, () -> arrive(outcome));
      if (random.nextInt(10) == 0) {
        after(at - clock + random.nextInt(400), () -> arrive(outcome));
      }
    }

    private ScoredGeneration outcome(Generation group, Scoring scoring) {
      return random.nextInt(20) == 0
          ? new ScoredGeneration.Refused("run", group.id(), group.weightsVersion(), scoring, "NaN")
          : new ScoredGeneration.Scored(
              group,
              scoring,
              Tensor.of(new int[] {1, 1}, new float[] {0}),
              Tensor.of(new int[] {1, 1, 1}, new float[] {0}));
    }

    private void arrive(ScoredGeneration outcome) {
      log.add(outcome);
      flow.onScored(0, log.size() - 1, outcome);
      advance();
    }

    private void advance() {
      if (busy) {
        return;
      }
      Flow.Action action = flow.next(now());
      if (action instanceof Flow.Action.Step step) {
        assertThat(step.batch().stream().map(item -> item.group().scoring().activation()))
            .describedAs("seed %d: a batch has one reward", seed)
            .containsOnly(step.batch().get(0).group().scoring().activation());
        for (Intake.Item item : step.batch()) {
          Scoring scoring = item.group().scoring();
          assertThat(scoring.activation())
              .describedAs("seed %d: %s is scored by its own reward", seed, item.group().id())
              .isEqualTo(knownToLearner.at(0, scoring.offset()).number());
          long lag = flow.version() - item.group().weightsVersion();
          assertThat(lag).describedAs("seed %d: lag", seed).isBetween(0L, (long) settings.maxLag());
          assertThat(trained.add(item.group().id()))
              .describedAs("seed %d: %s trained twice", seed, item.group().id())
              .isTrue();
        }
        steps++;
        busy = true;
        int of = life;
        after(
            1 + random.nextInt(30),
            () -> {
              if (of == life) {
                busy = false;
                advance();
              }
            });
      } else if (action instanceof Flow.Action.Publish) {
        flow.publish();
        Optional<Map<String, Long>> credits = flow.grant(now());
        checkpoint = flow.state();
        trainedAtCheckpoint.clear();
        trainedAtCheckpoint.addAll(trained);
        broadcastVersion();
        credits.ifPresent(this::broadcastCredits);
        advance();
      }
    }

    private final class SimulatedSampler {
      private final String id;
      private final long incarnation;
      private final int period;
      private final Map<Long, Long> credits = new HashMap<>();
      private long seenVersion = -1;
      private long appliedVersion = -1;
      private long counter;
      private boolean alive = true;

      SimulatedSampler(String id, long incarnation, int period) {
        this.id = id;
        this.incarnation = incarnation;
        this.period = period;
      }

      String key() {
        return new GroupId(id, incarnation, 0).key();
      }

      void start() {
        lease();
        work();
      }

      void onVersion(long version) {
        seenVersion = Math.max(seenVersion, version);
      }

      void onCredits(long version, long groups) {
        credits.merge(version, groups, Math::max);
      }

      private void lease() {
        if (!alive) {
          return;
        }
        Lease lease = new Lease("run", id, incarnation, Math.max(0, appliedVersion), counter);
        after(random.nextInt(50), () -> flow.onLease(lease, now()));
        after(500, this::lease);
      }

      private void work() {
        if (!alive) {
          return;
        }
        if (seenVersion > appliedVersion) {
          appliedVersion = seenVersion;
          Lease lease = new Lease("run", id, incarnation, appliedVersion, counter);
          after(random.nextInt(50), () -> flow.onLease(lease, now()));
        }
        long allowed =
            credits.entrySet().stream()
                .filter(entry -> entry.getKey() <= appliedVersion)
                .mapToLong(Map.Entry::getValue)
                .max()
                .orElse(0);
        if (counter < allowed) {
          deliver(
              new Generation(
                  "run",
                  new GroupId(id, incarnation, counter),
                  appliedVersion,
                  new Noise(1, counter),
                  Optional.empty(),
                  Tensor.of(new int[] {1, 1, 1}, new float[] {0}),
                  Optional.empty(),
                  clock));
          counter++;
        }
        after(1 + random.nextInt(period), this::work);
      }
    }
  }
}
