// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.favstream.infra.http.ControlClient;
import org.favstream.infra.job.Job;
import org.favstream.infra.run.NodeRole;
import org.favstream.protocol.Codec;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.reward.node.RewardControl;
import org.favstream.reward.registry.NewReward;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.RefusedException.Kind;
import org.favstream.reward.registry.Registry;
import org.favstream.reward.registry.RewardOperations;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Controls of a run that goes on, on a real log. */
@ExtendWith(RealBroker.class)
class RewardControlIT {
  private static final long PATIENCE_SECONDS = 120;
  private static final String OWN = "eight-gaussians@1";
  private static final RewardOperations.ActivationRequest AT_ONCE =
      new RewardOperations.ActivationRequest(false, 0, "");

  private final TestLog log;
  private final List<RewardControl> controls = new ArrayList<>();
  private final TestLoop loop;
  private final Job job;

  /** The folder stays: a learner may write its last checkpoint when the test is over already. */
  RewardControlIT(TestLog log, @TempDir(cleanup = CleanupMode.NEVER) Path folder) {
    this.log = log;
    this.job = TestLoop.job();
    this.loop = new TestLoop(log, job, folder);
  }

  @AfterEach
  void end() throws InterruptedException, ExecutionException, TimeoutException {
    controls.forEach(RewardControl::close);
    loop.close();
  }

  private RewardControl control(String name) {
    RewardControl control = job.rewards().control(loop.node(), name, Duration.ofSeconds(60));
    controls.add(control);
    return control;
  }

  /** The active reward, and so many groups of it. */
  private void align(long steps) throws InterruptedException {
    loop.withLearner().with(NodeRole.REWARD, "reward").with(NodeRole.SAMPLER, "sampler");
    loop.awaitStep(steps);
  }

  private static NewReward sum(String name, String member, double weight) {
    return new NewReward(
        name,
        false,
        "sum",
        Map.of(),
        List.of(new NewReward.Term(member, weight)),
        Optional.empty());
  }

  private static NewReward toy(String name, String heights) {
    return new NewReward(
        name,
        false,
        "builtin",
        Map.of("kind", "eight-gaussians", "heights", heights),
        List.of(),
        Optional.empty());
  }

  private static void assertRefused(RefusedException refused, Kind kind, String... said) {
    assertThat(refused.kind()).describedAs(refused.getMessage()).isEqualTo(kind);
    assertThat(refused.getMessage()).contains(said);
  }

  private static RewardOperations.Backtesting backtest(
      RewardOperations control, String reward, long last, String gate)
      throws RefusedException, InterruptedException {
    RewardOperations.Backtesting state =
        control.backtest(
            reward, new RewardOperations.BacktestRequest(last, Optional.empty(), gate), "alice");
    String id = state.id();
    return await("the backtest", () -> state(control, id), at -> !at.isRunning());
  }

  private static RewardOperations.Backtesting state(RewardOperations control, String id) {
    try {
      return control.backtesting(id);
    } catch (RefusedException e) {
      throw new AssertionError(e);
    }
  }

  @FunctionalInterface
  private interface Asked<T> {
    T get() throws InterruptedException;
  }

  /** Asks again and again, for as long as it may take. */
  private static <T> T await(String what, Asked<T> ask, Predicate<T> enough)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    T last = ask.get();
    while (!enough.test(last)) {
      assertThat(System.nanoTime()).describedAs("%s; last: %s", what, last).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(50);
      last = ask.get();
    }
    return last;
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (IOException e) {
      throw new AssertionError(text, e);
    }
  }

  @Test
  void shouldActivateAndGoBackWhileTheRunGoesOn()
      throws InterruptedException, RefusedException, ExecutionException, TimeoutException {
    RewardControl control = control("control");
    assertThat(control.add(toy("early", "[1,0,0,0,0,0,0,0]"), "alice").checkedOn())
        .contains("standard-normal particles");
    align(10);
    RewardOperations.Done added = control.add(toy("flat", "[1,1,1,1,1,1,1,1]"), "alice");
    assertThat(added.checkedOn()).contains("the newest on the log");
    RewardOperations.Done active = control.activate("flat", AT_ONCE, "alice");
    loop.awaitActivation(1);
    RewardVersion flat = new RewardVersion("flat", 1);
    log.readUntil(
        loop.topics().scores(),
        Codec.SCORED_GENERATION,
        scores -> scores.stream().anyMatch(score -> score.reward().equals(flat)));
    RegistryEvent.Activated event = (RegistryEvent.Activated) active.event();
    assertThat(event.fence().values().stream().mapToLong(Long::longValue).sum()).isPositive();
    assertThat(control.registry().state(flat)).isEqualTo(Registry.State.ACTIVE);

    control.rollback("worse", "bob");
    loop.awaitActivation(2);
    assertThat(control.registry().active()).isEqualTo(job.rewards().version());
    long step = loop.finish().weights().step();
    assertThat(step).isPositive();
    // Each group has the score that its place on the log asks for.
    for (ScoredGeneration score : log.readAll(loop.topics().scores(), Codec.SCORED_GENERATION)) {
      assertThat(score).isInstanceOf(ScoredGeneration.Scored.class);
      long number = score.scoring().activation();
      assertThat(score.reward()).isEqualTo(control.registry().timeline().get(number).reward());
    }
  }

  @Test
  void shouldLetOneOfTwoActivationsAtOnceWinAndTellTheOther()
      throws RefusedException, InterruptedException, ExecutionException, TimeoutException {
    RewardControl first = control("first");
    RewardControl second = control("second");
    first.add(sum("a", OWN, 2), "alice");
    first.add(sum("b", OWN, 3), "alice");
    int told = 0;
    for (int round = 0; round < 5; round++) {
      long number = first.registry().timeline().current().number();
      assertThat(awaitNumber(second, number)).isEqualTo(number);
      String active = first.registry().active().name();
      CyclicBarrier together = new CyclicBarrier(2);
      CompletableFuture<Optional<RefusedException>> alice =
          activated(first, active.equals("a") ? "b" : "a", "alice", together);
      CompletableFuture<Optional<RefusedException>> bob =
          activated(second, active.equals("a") ? "b" : "a", "bob", together);
      for (CompletableFuture<Optional<RefusedException>> one : List.of(alice, bob)) {
        Optional<RefusedException> refused = one.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (refused.isPresent()) {
          assertRefused(refused.get(), Kind.CONFLICT, "@1");
          told++;
        }
      }
      assertThat(first.registry().timeline().current().number()).isEqualTo(number + 1);
    }
    assertThat(told).describedAs("one a round").isEqualTo(5);
    List<Registry.Entry> all = first.registry().history(); // the loser's event was read back
    assertThat(awaitHistory(second, all.size())).isEqualTo(awaitHistory(first, all.size()));
    assertThat(second.registry().active()).isEqualTo(first.registry().active());
  }

  private static long awaitNumber(RewardControl control, long number) throws InterruptedException {
    return await(
        "activation " + number,
        () -> {
          try {
            return control.registry().timeline().current().number();
          } catch (RefusedException e) {
            throw new AssertionError(e);
          }
        },
        known -> known >= number);
  }

  private static List<Registry.Entry> awaitHistory(RewardControl control, int events)
      throws InterruptedException {
    return await(
            events + " events",
            () -> {
              try {
                return control.registry().history();
              } catch (RefusedException e) {
                throw new AssertionError(e);
              }
            },
            known -> known.size() >= events)
        .subList(0, events);
  }

  private static CompletableFuture<Optional<RefusedException>> activated(
      RewardControl control, String reward, String by, CyclicBarrier together) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            together.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            RewardOperations.Done unused = control.activate(reward, AT_ONCE, by);
            return Optional.empty();
          } catch (RefusedException e) {
            return Optional.of(e);
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        },
        // The common pool may have one thread alone, on which nobody meets anybody.
        task -> new Thread(task, by).start());
  }

  @Test
  void shouldRefuseWhatCannotScoreBeforeItIsACandidate() {
    RewardControl control = control("control");
    NewReward broken =
        new NewReward(
            "broken",
            false,
            "builtin",
            Map.of("kind", "eight-gaussians", "heights", "[1]"),
            List.of(),
            Optional.empty());
    assertThatThrownBy(() -> control.add(broken, "alice"))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused ->
                assertRefused(refused, Kind.UNUSABLE, "broken@1 cannot be used", "reward.heights"));
    NewReward overflowing = sum("overflowing", OWN, Double.MAX_VALUE);
    assertThatThrownBy(() -> control.add(overflowing, "alice"))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertRefused(refused, Kind.UNUSABLE, "of particle", "Infinity"));
    assertThat(log.readAll(loop.topics().rewardRegistry())).isEmpty();
  }

  @Test
  void shouldRefuseASignFlippedRewardByItsGate() throws InterruptedException, RefusedException {
    RewardControl control = control("control");
    control.add(sum("flipped", OWN, -1), "mallory");
    control.add(sum("twice", OWN, 2), "alice");
    assertThatThrownBy(() -> backtest(control, "flipped", 100, ""))
        .hasMessageContaining("no groups on the log yet");
    align(20);
    RewardOperations.Backtesting flipped =
        backtest(control, "flipped", 320, "rank>=0.5,grad-cosine>=0");
    RegistryEvent.Backtested outcome =
        (RegistryEvent.Backtested) flipped.done().orElseThrow().event();
    assertThat(outcome.failed()).hasSize(2);
    JsonNode result = json(outcome.result());
    assertThat(result.path("rank").asDouble()).isEqualTo(-1);
    assertThat(result.path("gradCosine").asDouble()).isEqualTo(-1);
    assertThat(result.path("particles").asInt())
        .isGreaterThanOrEqualTo(320)
        .isEqualTo(32 * result.path("groups").asInt());
    assertThatThrownBy(() -> control.activate("flipped", AT_ONCE, "mallory"))
        .isInstanceOfSatisfying(
            RefusedException.class, refused -> assertRefused(refused, Kind.GATE, "rank is -1.0"));

    RewardOperations.Backtesting twice =
        backtest(control, "twice", 320, "rank>=0.5,grad-cosine>=0");
    RegistryEvent.Backtested passed = (RegistryEvent.Backtested) twice.done().orElseThrow().event();
    assertThat(passed.failed()).isEmpty();
    assertThat(json(passed.result()).path("stdRatio").asDouble()).isEqualTo(2);
    control.activate("twice", new RewardOperations.ActivationRequest(true, 0, ""), "alice");
    loop.awaitActivation(1);
  }

  @Test
  void shouldGiveTheSameFiguresOnTheSameGroups() throws InterruptedException, RefusedException {
    RewardControl control = control("control");
    control.add(toy("flat", "[1,1,1,1,1,1,1,0]"), "alice");
    align(100);
    loop.stop("sampler");
    JsonNode few = figures(backtest(control, "flat", 10 * 32, ""));
    // The last ones; those of one millisecond, which were made together, are not parted.
    assertThat(few.path("groups").asInt()).isBetween(10, 60);
    Map<Integer, Long> ends = log.ends(loop.topics().generations());
    few.path("offsets")
        .properties()
        .forEach(
            range ->
                assertThat(range.getValue().path(1).asLong())
                    .isEqualTo(ends.get(Integer.valueOf(range.getKey()))));
    JsonNode first = figures(backtest(control, "flat", 10_000, ""));
    JsonNode second = figures(backtest(control, "flat", 10_000, ""));
    assertThat(second).isEqualTo(first);
    assertThat(first.path("inputsSha256").asText()).hasSize(64);
    assertThat(first.path("offsets")).isNotEmpty();
  }

  private static JsonNode figures(RewardOperations.Backtesting backtest) {
    RegistryEvent.Backtested event =
        (RegistryEvent.Backtested) backtest.done().orElseThrow().event();
    JsonNode json = json(event.result());
    ((ObjectNode) json).remove("seconds");
    return json;
  }

  @Test
  void shouldCompareAShareOfTheLiveGroupsUntilTheShadowEnds()
      throws InterruptedException, RefusedException {
    RewardControl control = control("control");
    control.add(sum("half", OWN, 0.5), "alice");
    RewardVersion half = new RewardVersion("half", 1);
    align(5);
    control.shadow("half", 1, "alice");
    JsonNode live =
        await(
            "the shadow's figures",
            () -> json(control.shadowResults().getOrDefault(half, "{}")),
            seen -> seen.path("scored").asLong() >= 10);
    assertThat(live.path("rank").asDouble()).isEqualTo(1);
    assertThat(live.path("stdRatio").asDouble()).isEqualTo(0.5);
    assertThat(live.path("against").asText()).isEqualTo(OWN);
    RewardOperations.Done ended = control.shadow("half", 0, "alice");
    assertThat(json(((RegistryEvent.Shadowed) ended.event()).result()).path("scored").asLong())
        .isGreaterThanOrEqualTo(10);

    control.shadow("half", 1, "alice");
    control.activate("half", AT_ONCE, "alice"); // which ends its shadow too
    assertThat(awaitNoShadow(control)).isTrue();
    assertThat(control.registry().state(half)).isEqualTo(Registry.State.ACTIVE);
  }

  private static boolean awaitNoShadow(RewardControl control) throws InterruptedException {
    return await(
        "the shadow's end",
        () -> {
          try {
            return control.registry().shadows().isEmpty();
          } catch (RefusedException e) {
            throw new AssertionError(e);
          }
        },
        over -> over);
  }

  @Test
  void shouldScoreAShadowOnceWhereSeveralControlsFollow()
      throws InterruptedException, RefusedException {
    RewardControl first = control("first");
    RewardControl second = control("second");
    first.add(sum("half", OWN, 0.5), "alice");
    RewardVersion half = new RewardVersion("half", 1);
    align(5);
    first.shadow("half", 1, "alice");
    awaitScored(first, half);
    assertThat(second.registry().shadows()).containsKey(half);
    assertThat(second.shadowResults()).isEmpty();
    second.shadow("half", 1, "bob"); // takes it over
    awaitScored(second, half);
    await("the first one's end", first::shadowResults, Map::isEmpty);
    second.activate("half", AT_ONCE, "bob");
    assertThat(awaitNoShadow(first)).isTrue();
    RegistryEvent last =
        first.registry().history().get(first.registry().history().size() - 1).event();
    assertThat(last.origin().by()).isEqualTo("second");
    assertThat(((RegistryEvent.Shadowed) last).result()).contains("\"scored\"");
  }

  private static void awaitScored(RewardControl control, RewardVersion reward)
      throws InterruptedException {
    await(
        "the shadow's figures",
        () -> json(control.shadowResults().getOrDefault(reward, "{}")),
        seen -> seen.path("scored").asLong() >= 1);
  }

  @Test
  void shouldLeaveWhatAShadowSawWhenTheControlEnds() throws InterruptedException, RefusedException {
    RewardControl control = control("control");
    control.add(sum("half", OWN, 0.5), "alice");
    control.shadow("half", 0.5, "alice");
    await("the watch", control::shadowResults, seen -> !seen.isEmpty());
    control.close();
    Registry later = control("later").registry();
    assertThat(later.shadows()).isEmpty();
    RegistryEvent last = later.history().get(later.history().size() - 1).event();
    assertThat(last.origin().by()).isEqualTo("control");
    assertThat(((RegistryEvent.Shadowed) last).result()).contains("\"scored\"");
  }

  @Test
  void shouldBeReachedAtANodeOfItsOwnForAsLongAsThatRuns(@TempDir Path folder)
      throws IOException,
          InterruptedException,
          ExecutionException,
          TimeoutException,
          RefusedException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String url = "http://127.0.0.1:" + port;
    ControlClient client = new ControlClient(url, "");
    try (TestLoop elsewhere =
        new TestLoop(log, TestLoop.job("control.port=" + port), loop.node().run(), folder)) {
      elsewhere.with(NodeRole.CONTROL, "ops");
      control("control").add(sum("twice", OWN, 2), "alice");
      await(
          "the reward that was added at the other control",
          () -> client.get("/v1/rewards").toString(),
          rewards -> rewards.contains("twice@1"));
      elsewhere.stop("ops");
      assertThatThrownBy(() -> client.get("/v1/status")).hasMessageContaining(url);
    }
  }
}
