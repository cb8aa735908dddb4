// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.registry.RefusedException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryTest {
  private static final RewardVersion OWN = new RewardVersion("own", 3);
  private static final RewardDefinition OWN_DEFINITION =
      new RewardDefinition(OWN, "own", Map.of(), List.of(), Optional.empty(), 2, 5);
  private static final RegistryEvent.Origin ALICE = new RegistryEvent.Origin("run", 7, "alice");
  private static final RegistryEvent.Origin BOB = new RegistryEvent.Origin("run", 8, "bob");
  private static final Map<Integer, Long> FENCE = Map.of(0, 40L, 1, 2L);

  private Registry registry = Registry.of(OWN_DEFINITION);
  private long offset;

  private Decisions decide() {
    return new Decisions(registry);
  }

  private Optional<String> log(RegistryEvent event) {
    registry = registry.with(offset++, event);
    return registry.at(offset - 1).orElseThrow().voidBecause();
  }

  private static NewReward builtin(String name) {
    return new NewReward(
        name, false, "builtin", Map.of("kind", "eight-gaussians"), List.of(), Optional.empty());
  }

  private static NewReward composed(String kind, NewReward.Term... terms) {
    return new NewReward("all", false, kind, Map.of(), List.of(terms), Optional.empty());
  }

  private RewardVersion added(String name) throws RefusedException {
    RegistryEvent.Added event = decide().add(builtin(name), ALICE);
    assertThat(log(event)).isEmpty();
    return event.definition().reward();
  }

  private void activate(RewardVersion reward) throws RefusedException {
    assertThat(log(decide().activate(reward, false, FENCE, 0, "", ALICE))).isEmpty();
  }

  private static RegistryEvent.Backtested backtest(RewardVersion reward, String... failed) {
    return new RegistryEvent.Backtested(ALICE, reward, OWN, "{}", "rank>=0.5", List.of(failed));
  }

  private static void assertRefused(Kind kind, ThrowingCallable asked, String... said) {
    assertThatThrownBy(asked)
        .isInstanceOfSatisfying(
            RefusedException.class, refused -> assertThat(refused.kind()).isEqualTo(kind))
        .hasMessageContainingAll(said);
  }

  @Test
  void shouldBeginWithTheJobsOwnRewardActive() {
    assertThat(registry.definitions()).containsExactly(OWN_DEFINITION);
    assertThat(registry.own()).isEqualTo(OWN_DEFINITION);
    assertThat(registry.active()).isEqualTo(OWN);
    assertThat(registry.state(OWN)).isEqualTo(Registry.State.ACTIVE);
    assertThat(registry.previous()).isEmpty();
    assertThat(registry.history()).isEmpty();
  }

  @Test
  void shouldMakeACandidateOfTheJobsSizesWhenARewardIsAdded() throws RefusedException {
    RewardVersion fresh = added("fresh");
    assertThat(fresh).isEqualTo(new RewardVersion("fresh", 1));
    RewardDefinition definition = registry.definition(fresh).orElseThrow();
    assertThat(definition.settings()).isEqualTo(Map.of("kind", "eight-gaussians"));
    assertThat(definition.particleSize()).isEqualTo(2);
    assertThat(definition.contextSize()).isEqualTo(5);
    assertThat(registry.state(fresh)).isEqualTo(Registry.State.CANDIDATE);
    assertThat(registry.active()).isEqualTo(OWN);
  }

  @Test
  void shouldGiveANameInUseTheNextVersionOnlyWhenThatIsAskedFor() throws RefusedException {
    RewardVersion first = added("fresh");
    assertRefused(
        Kind.CONFLICT, () -> decide().add(builtin("fresh"), BOB), "fresh is in use, by fresh@1");
    NewReward again =
        new NewReward("fresh", true, "builtin", Map.of(), List.of(), Optional.empty());
    RegistryEvent.Added second = decide().add(again, BOB);
    log(second);
    assertThat(second.definition().reward()).isEqualTo(new RewardVersion("fresh", 2));
    assertThat(decide().resolve("fresh").reward()).isEqualTo(new RewardVersion("fresh", 2));
    assertThat(decide().resolve("fresh@1").reward()).isEqualTo(first);
    NewReward own = new NewReward("own", true, "builtin", Map.of(), List.of(), Optional.empty());
    assertThat(decide().add(own, BOB).definition().reward().version()).isEqualTo(4);
  }

  @Test
  void shouldNameTheRewardsThatThereAreWhenAnotherIsMeant() {
    assertRefused(Kind.NOT_FOUND, () -> decide().resolve("none"), "no reward none", "own@3");
    assertRefused(Kind.NOT_FOUND, () -> decide().resolve("own@1"), "no reward own@1", "own@3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a@", "@1", "a@b", "a@1@2", "a@-1", "a@99999999999999999999"})
  void shouldRefuseWhatNamesNoReward(String reference) {
    assertRefused(Kind.BAD_REQUEST, () -> decide().resolve(reference), "NAME@VERSION");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a@1", "a/b", "../a", "-a", "a b"})
  void shouldRefuseANameThatNoAddressCanHold(String name) {
    assertRefused(Kind.BAD_REQUEST, () -> decide().add(builtin(name), ALICE), "name: got");
  }

  @Test
  void shouldPinTheVersionsOfMembers() throws RefusedException {
    added("a");
    RegistryEvent.Added event =
        decide()
            .add(
                composed("sum", new NewReward.Term("a", 0.7), new NewReward.Term("own@3", -1)),
                ALICE);
    assertThat(event.definition().terms())
        .containsExactly(
            new RewardDefinition.Term(new RewardVersion("a", 1), 0.7),
            new RewardDefinition.Term(OWN, -1));
  }

  @Test
  void shouldRefuseMembersThatAreNotThereOrTwice() {
    assertRefused(
        Kind.NOT_FOUND,
        () -> decide().add(composed("ensemble", new NewReward.Term("b", 1)), ALICE),
        "no reward b");
    assertRefused(
        Kind.BAD_REQUEST,
        () ->
            decide()
                .add(
                    composed(
                        "ensemble", new NewReward.Term("own", 1), new NewReward.Term("own@3", 1)),
                    ALICE),
        "own@3 is a member twice");
    assertRefused(
        Kind.BAD_REQUEST,
        () -> decide().add(composed("sum", new NewReward.Term("own", Double.NaN)), ALICE),
        "weight of own@3 is NaN");
  }

  @Test
  void shouldRefuseAKindThatDoesNotFitItsParts() {
    assertRefused(
        Kind.BAD_REQUEST, () -> decide().add(composed("own"), ALICE), "got 'own'", "builtin");
    assertRefused(
        Kind.BAD_REQUEST, () -> decide().add(composed("sum"), ALICE), "sum needs members");
    assertRefused(
        Kind.BAD_REQUEST,
        () -> decide().add(composed("remote", new NewReward.Term("own", 1)), ALICE),
        "remote has no members");
    assertRefused(
        Kind.BAD_REQUEST,
        () ->
            decide()
                .add(
                    new NewReward(
                        "a",
                        false,
                        "builtin",
                        Map.of(),
                        List.of(),
                        Optional.of(new RewardDefinition.Artifact("0".repeat(64), 1))),
                    ALICE),
        "builtin has no file");
  }

  @Test
  void shouldVoidTheSecondOfTwoActivationsAtOnceAndNameTheFirst() throws RefusedException {
    RewardVersion a = added("a");
    RewardVersion b = added("b");
    RegistryEvent.Activated first = decide().activate(a, false, FENCE, 0, "", ALICE);
    RegistryEvent.Activated second = decide().activate(b, false, FENCE, 0, "", BOB);
    assertThat(log(first)).isEmpty();
    assertThat(log(second)).hasValue("a@1 was activated first, by alice");
    assertThat(registry.active()).isEqualTo(a);
    assertThat(registry.previous()).hasValue(OWN);
    assertThat(registry.history()).hasSize(4);
    assertThat(log(new RegistryEvent.Activated(BOB, b, 9, FENCE, 0, false, "")).orElseThrow())
        .contains("number 9 after number 1");
  }

  @Test
  void shouldVoidWhatIsAboutNothing() throws RefusedException {
    RewardVersion a = added("a");
    RewardVersion none = new RewardVersion("none", 1);
    assertThat(log(registry.history().get(0).event())).hasValue("a@1 was added before");
    assertThat(log(backtest(none))).hasValue("there is no reward none@1");
    assertThat(log(new RegistryEvent.Shadowed(BOB, none, 0.5, ""))).isPresent();
    assertThat(log(new RegistryEvent.Shadowed(BOB, a, 0, "{}")).orElseThrow())
        .contains("had ended before");
    RewardDefinition orphan =
        new RewardDefinition(
            new RewardVersion("orphan", 1),
            "sum",
            Map.of(),
            List.of(new RewardDefinition.Term(none, 1)),
            Optional.empty(),
            2,
            5);
    assertThat(log(new RegistryEvent.Added(BOB, orphan))).hasValue("there is no reward none@1");
    assertThat(registry.definitions()).hasSize(2);
    assertThat(registry.shadows()).isEmpty();
    assertThat(registry.backtest(none)).isEmpty();
  }

  @Test
  void shouldRefuseToActivateWhatIsActiveAlready() {
    assertRefused(
        Kind.CONFLICT,
        () -> decide().activate(OWN, false, FENCE, 0, "", ALICE),
        "own@3 is the active one already");
  }

  @Test
  void shouldActivateOnlyPastAFailedGateWhenALaterBacktestPasses() throws RefusedException {
    RewardVersion a = added("a");
    assertRefused(Kind.GATE, () -> decide().requireActivatable(a, true), "a@1 was not backtested");
    log(backtest(a, "rank 0.1 < 0.5"));
    assertRefused(
        Kind.GATE, () -> decide().requireActivatable(a, false), "did not pass", "rank 0.1 < 0.5");
    log(backtest(a));
    decide().requireActivatable(a, true);
    activate(a);
    assertThat(registry.active()).isEqualTo(a);
    assertThat(registry.backtest(a).orElseThrow().failed()).isEmpty();
  }

  @Test
  void shouldRefuseABlendBeyondItsBounds() throws RefusedException {
    RewardVersion a = added("a");
    for (long blend : new long[] {-1, Decisions.LONGEST_BLEND_MILLIS + 1}) {
      assertRefused(
          Kind.BAD_REQUEST, () -> decide().activate(a, false, FENCE, blend, "", ALICE), "blend");
    }
  }

  @Test
  void shouldGoFurtherBackWithEachRollbackAndForwardFromThere() throws RefusedException {
    assertRefused(Kind.CONFLICT, () -> decide().rollbackTarget(), "nothing to go back to", "own@3");
    RewardVersion a = added("a");
    RewardVersion b = added("b");
    activate(a);
    activate(b);
    RegistryEvent.Activated back = decide().rollback(FENCE, "worse", BOB);
    assertThat(back.reward()).isEqualTo(a);
    assertThat(back.number()).isEqualTo(3);
    assertThat(back.rollback()).isTrue();
    log(back);
    assertThat(registry.active()).isEqualTo(a);
    assertThat(registry.state(b)).isEqualTo(Registry.State.RETIRED);
    assertThat(registry.previous()).hasValue(OWN);
    activate(b); // on top of a again
    log(decide().rollback(FENCE, "", BOB));
    log(decide().rollback(FENCE, "", BOB));
    assertThat(registry.active()).isEqualTo(OWN);
    assertRefused(Kind.CONFLICT, () -> decide().rollback(FENCE, "", BOB), "nothing to go back to");
  }

  @Test
  void shouldLetAShadowEndOnceAndKeepItUntilThen() throws RefusedException {
    RewardVersion a = added("a");
    for (double share : new double[] {0, -0.1, 1.1, Double.NaN}) {
      assertRefused(Kind.BAD_REQUEST, () -> decide().shadow(a, share, "ops", ALICE), "share: got");
    }
    assertRefused(Kind.CONFLICT, () -> decide().shadow(OWN, 0.1, "ops", ALICE), "active one");
    assertRefused(Kind.CONFLICT, () -> decide().endShadow(a, "", "ops", ALICE), "not in shadow");
    log(decide().shadow(a, 0.1, "ops", ALICE));
    assertThat(registry.state(a)).isEqualTo(Registry.State.SHADOW);
    log(decide().shadow(a, 0.2, "ops", ALICE));
    assertThat(registry.shadows()).isEqualTo(Map.of(a, 0.2));
    activate(a);
    assertThat(registry.state(a)).isEqualTo(Registry.State.ACTIVE);
    assertThat(registry.shadows()).describedAs("its result is still to come").hasSize(1);
    assertThat(log(decide().endShadow(a, "{}", "ops", ALICE))).isEmpty();
    assertThat(registry.shadows()).isEmpty();
  }

  @Test
  void shouldLetTheControlScoreThatWasAskedLast() throws RefusedException {
    RewardVersion a = added("a");
    log(decide().shadow(a, 0.1, "first", ALICE));
    assertThat(registry.shadowsOf("first")).isEqualTo(Map.of(a, 0.1));
    assertThat(registry.shadowsOf("second")).isEmpty();
    assertRefused(
        Kind.CONFLICT,
        () -> decide().endShadow(a, "", "second", ALICE),
        "scored by control first, which has its figures");
    log(decide().shadow(a, 0.2, "second", ALICE));
    assertThat(registry.shadowsOf("first")).isEmpty();
    assertThat(registry.shadowsOf("second")).isEqualTo(Map.of(a, 0.2));
    activate(a);
    assertThat(log(decide().endShadow(a, "", "first", ALICE)))
        .describedAs("of one that is active")
        .isEmpty();
    log(new RegistryEvent.Shadowed(ALICE, a, 0.3, "")); // of an earlier build
    assertThat(registry.shadowsOf("first")).isEqualTo(registry.shadowsOf("second")).hasSize(1);
  }

  @Test
  void shouldBoundHowManyAreInShadow() throws RefusedException {
    List<RewardVersion> rewards = new ArrayList<>();
    for (int i = 0; i <= Decisions.MOST_SHADOWS; i++) {
      rewards.add(added("r" + i));
    }
    for (RewardVersion reward : rewards.subList(0, Decisions.MOST_SHADOWS)) {
      log(decide().shadow(reward, 0.1, "ops", ALICE));
    }
    assertRefused(
        Kind.CONFLICT,
        () -> decide().shadow(rewards.get(Decisions.MOST_SHADOWS), 0.1, "ops", ALICE),
        "in shadow already");
    log(decide().shadow(rewards.get(0), 0.5, "ops", ALICE)); // of one that is, the share may change
  }

  @Test
  void shouldKeepAlarmsInItsHistory() {
    assertThat(log(new RegistryEvent.Alarmed(ALICE, "variance", 3, "it grew"))).isEmpty();
    assertThat(registry.history()).hasSize(1);
    assertThat(registry.active()).isEqualTo(OWN);
    assertThat(log(new RegistryEvent.Alarmed(BOB, "variance", 3, "it grew")))
        .describedAs("who sees the same")
        .contains("it was raised before, by alice");
    assertThat(log(new RegistryEvent.Alarmed(BOB, "variance", 4, "it grew more"))).isEmpty();
    assertThat(log(new RegistryEvent.Alarmed(BOB, "mean", 3, "it fell"))).isEmpty();
  }
}
