// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Several controllers that act at once on one log: each decides on what it has read, its events
 * reach the log late, and it reads the log late. All that follow the log agree; of two that decided
 * on the same state one counts, and the other one is told.
 */
class RegistrySimulation {
  private static final RewardDefinition OWN =
      new RewardDefinition(
          new RewardVersion("own", 1), "own", Map.of(), List.of(), Optional.empty(), 2, 0);

  @TestFactory
  List<DynamicTest> shouldAgreeAndLetOneOfTwoAtOnceCount() {
    return LongStream.range(0, 200)
        .mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> new World(seed).run(600)))
        .toList();
  }

  private static final class Controller {
    private final String name;
    private final Set<RegistryEvent> waiting = new HashSet<>();
    private Registry registry = Registry.of(OWN);
    private int read;
    private int done;
    private int lost;

    Controller(String name) {
      this.name = name;
    }

    void take(long offset, RegistryEvent event) {
      registry = registry.with(offset, event);
      read++;
      if (waiting.remove(event)) { // it is told
        if (registry.at(offset).orElseThrow().voidBecause().isPresent()) {
          lost++;
        } else {
          done++;
        }
      }
    }
  }

  private static final class World {
    private final Random random;
    private final long seed;
    private final List<RegistryEvent> log = new ArrayList<>();
    private final List<RegistryEvent> underWay = new ArrayList<>();
    private final List<Controller> controllers = new ArrayList<>();
    private long clock;

    World(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      for (int i = 0; i < 2 + seed % 3; i++) {
        controllers.add(new Controller("c" + i));
      }
    }

    void run(int moves) {
      for (int move = 0; move < moves; move++) {
        clock++;
        Controller one = controllers.get(random.nextInt(controllers.size()));
        switch (random.nextInt(4)) {
          case 0 -> act(one);
          case 1 -> arrive();
          default -> read(one);
        }
      }
      while (!underWay.isEmpty()) {
        arrive();
      }
      controllers.forEach(
          one -> {
            while (one.read < log.size()) {
              read(one);
            }
          });
      requireSound();
    }

    private void act(Controller one) {
      RegistryEvent.Origin origin = new RegistryEvent.Origin("run", clock, one.name);
      try {
        RegistryEvent event = decided(one, origin);
        one.waiting.add(event);
        underWay.add(event);
      } catch (RefusedException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    }

    private RegistryEvent decided(Controller one, RegistryEvent.Origin origin)
        throws RefusedException {
      Decisions decisions = new Decisions(one.registry);
      List<RewardDefinition> known = one.registry.definitions();
      RewardVersion some = known.get(random.nextInt(known.size())).reward();
      return switch (random.nextInt(6)) {
        case 0 ->
            decisions.add(
                new NewReward(
                    "r" + random.nextInt(4),
                    random.nextBoolean(),
                    "sum",
                    Map.of(),
                    List.of(new NewReward.Term(some.toString(), 1)),
                    Optional.empty()),
                origin);
        case 1 ->
            new RegistryEvent.Backtested(
                origin,
                some,
                one.registry.active(),
                "{}",
                "rank>=0.5",
                random.nextInt(4) == 0 ? List.of("rank") : List.of());
        case 2 -> decisions.shadow(some, 0.5, "", origin);
        case 3 -> decisions.endShadow(some, "{}", "", origin);
        case 4 -> decisions.rollback(fence(), "", origin);
        default -> decisions.activate(some, random.nextInt(3) == 0, fence(), 0, "", origin);
      };
    }

    private Map<Integer, Long> fence() {
      return Map.of(0, clock, 1, clock / 2);
    }

    /** Not always in the order in which they were sent. */
    private void arrive() {
      if (!underWay.isEmpty()) {
        log.add(underWay.remove(random.nextInt(Math.min(3, underWay.size()))));
      }
    }

    private void read(Controller one) {
      if (one.read < log.size()) {
        one.take(one.read, log.get(one.read));
      }
    }

    private void requireSound() {
      Registry first = controllers.get(0).registry;
      int done = 0;
      int lost = 0;
      for (Controller one : controllers) {
        assertThat(one.waiting).describedAs("seed %d: all were told", seed).isEmpty();
        assertThat(one.registry.history()).isEqualTo(first.history());
        assertThat(one.registry.definitions()).isEqualTo(first.definitions());
        assertThat(one.registry.active()).isEqualTo(first.active());
        assertThat(one.registry.previous()).isEqualTo(first.previous());
        assertThat(one.registry.shadows()).isEqualTo(first.shadows());
        done += one.done;
        lost += one.lost;
      }
      assertThat(done + lost).isEqualTo(log.size());
      assertThat(lost).describedAs("seed %d: races, or this proves nothing", seed).isPositive();
      requireOneOfEachNumber(first);
      requireAgreementWithTheNodes(first);
    }

    private void requireOneOfEachNumber(Registry registry) {
      Map<Long, Integer> counting = new HashMap<>();
      Set<Long> asked = new HashSet<>();
      List<RewardVersion> stack = new ArrayList<>(List.of(OWN.reward()));
      for (Registry.Entry entry : registry.history()) {
        if (entry.event() instanceof RegistryEvent.Activated activated) {
          asked.add(activated.number());
          if (entry.voidBecause().isPresent()) {
            assertThat(entry.voidBecause().orElseThrow()).contains("was activated first, by c");
            continue;
          }
          counting.merge(activated.number(), 1, Integer::sum);
          if (activated.rollback()) {
            stack.remove(stack.size() - 1);
            assertThat(activated.reward()).isEqualTo(stack.get(stack.size() - 1));
          } else {
            stack.add(activated.reward());
          }
        }
      }
      assertThat(counting.keySet()).describedAs("seed %d", seed).isEqualTo(asked);
      assertThat(counting.values()).allMatch(count -> count == 1);
      assertThat(registry.active()).isEqualTo(stack.get(stack.size() - 1));
      assertThat(registry.timeline().current().number()).isEqualTo(counting.size());
    }

    /** Reward nodes and learner know the timeline alone. */
    private void requireAgreementWithTheNodes(Registry registry) {
      RewardTimeline nodes = RewardTimeline.of(OWN.reward());
      for (RegistryEvent event : log) {
        nodes = nodes.with(event);
      }
      for (long offset = 0; offset <= clock; offset += 7) {
        assertThat(registry.timeline().at(0, offset)).isEqualTo(nodes.at(0, offset));
        assertThat(registry.timeline().at(1, offset)).isEqualTo(nodes.at(1, offset));
      }
      nodes = RewardTimeline.of(OWN.reward());
      long before = 0;
      for (RegistryEvent event : log) {
        RewardTimeline next = nodes.with(event);
        if (next.current().number() > nodes.current().number()) {
          long fence = next.current().fence().getOrDefault(0, -1L);
          assertThat(fence).describedAs("seed %d: fences in order", seed).isGreaterThan(before);
          before = fence;
        }
        nodes = next;
      }
    }
  }
}
