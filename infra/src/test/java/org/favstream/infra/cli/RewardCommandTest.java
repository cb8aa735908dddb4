// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.favstream.actors.engine.TorchScriptSource;
import org.favstream.infra.http.ControlServer;
import org.favstream.infra.http.ControlSettings;
import org.favstream.infra.http.FakeOperations;
import org.favstream.infra.run.LiveRun;
import org.favstream.infra.run.RunException;
import org.favstream.reward.registry.RefusedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands against a server of HTTP; behind it stands no run. */
class RewardCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TOKEN = "s3cret";

  private final FakeOperations operations = new FakeOperations();
  private final ControlServer server =
      ControlServer.start(
          new ControlSettings(
              "127.0.0.1", 0, "control.port", TOKEN, Optional.empty(), Duration.ofSeconds(1)),
          operations,
          () -> "");

  @TempDir private Path folder;

  @AfterEach
  void close() {
    server.close();
  }

  private Cli reward(String... words) {
    List<String> all = new ArrayList<>(List.of("reward"));
    all.addAll(List.of(words));
    all.addAll(List.of("--url", server.url(), "--token", TOKEN, "--as", "alice"));
    return Cli.run(all.toArray(String[]::new));
  }

  private static JsonNode json(Cli done) throws IOException {
    return JSON.readTree(done.requireDone().out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "add", "backtest", "shadow", "activate", "rollback", "history"})
  void shouldShowExamplesInTheHelpOfEachCommand(String command) {
    assertThat(Cli.run("reward", command, "--help").requireDone().out())
        .contains("Usage: favstream reward " + command, "Examples:", "--url", "--json");
  }

  @Test
  void shouldTakeARewardFromCandidateToActiveAndBack() throws IOException {
    assertThat(reward("add", "a", "--sum", "own@1=-1").requireDone().out())
        .isEqualToNormalizingNewlines("a@1 is a candidate; tried on a test's group\n");
    Cli backtest = reward("backtest", "a", "--last", "500", "--gate", "rank>=0");
    assertThat(backtest.requireDone().out())
        .contains("a@1 against own@1 on 500 particles", "rank           0.2500", "passed");
    assertThat(backtest.err()).contains("3 of 8 groups");
    assertThat(reward("shadow", "a@1", "--share", "0.1").requireDone().out())
        .contains("a@1 scores 0.1 of the live groups");
    assertThat(reward("list").requireDone().out())
        .contains("own@1", "active", "a@1", "shadow", "sum of -1 own@1", "alice", "rank 0.25");
    assertThat(reward("shadow", "a", "--share", "0").requireDone().out()).contains("has ended");
    assertThat(
            reward("activate", "a", "--require-backtest", "--blend", "3s", "--reason", "better")
                .requireDone()
                .out())
        .contains("a@1 is active: activation 1, over 3 s, better; tried on a test's group");
    assertThat(reward("rollback").requireDone().out()).contains("own@1 is active: activation 2");
    assertThat(reward("history").requireDone().out())
        .contains("added", "backtested", "shadowed", "activated", "rolled-back", "alice");
    JsonNode events = json(reward("history", "--last", "2", "--json")).path("events");
    assertThat(events.findValuesAsText("event")).containsExactly("activated", "rolled-back");
    assertThat(events.at("/0/blendMillis").asInt()).isEqualTo(3000);
  }

  @Test
  void shouldSayWhatEachKindIsMadeOf() throws IOException {
    reward("add", "flat", "--builtin", "eight-gaussians", "--set", "heights=[1,1]").requireDone();
    reward("add", "far", "--remote", "http://127.0.0.1:1/score", "--set", "remote.timeout=2s")
        .requireDone();
    reward("add", "all", "--ensemble", "flat,own@1", "--aggregate", "lcb:1.5").requireDone();
    JsonNode rewards = json(reward("list", "--json")).path("rewards");
    assertThat(rewards.at("/1/settings/kind").asText()).isEqualTo("eight-gaussians");
    assertThat(rewards.at("/1/settings/heights").asText()).isEqualTo("[1,1]");
    assertThat(rewards.at("/2/kind").asText()).isEqualTo("remote");
    assertThat(rewards.at("/2/settings/remote.url").asText()).isEqualTo("http://127.0.0.1:1/score");
    assertThat(rewards.at("/3/settings/aggregate").asText()).isEqualTo("lcb:1.5");
    assertThat(rewards.at("/3/terms").findValuesAsText("reward"))
        .containsExactly("flat@1", "own@1");
    Cli again = reward("add", "flat", "--builtin", "eight-gaussians");
    again.requireRefused(1, "flat is in use");
    assertThat(
            reward("add", "flat", "--builtin", "eight-gaussians", "--new-version")
                .requireDone()
                .out())
        .contains("flat@2 is a candidate");
  }

  @Test
  void shouldSendAFileWithItsDigest() throws IOException {
    Path file = Files.writeString(folder.resolve("module.pt"), "code", StandardCharsets.UTF_8);
    String digest = TorchScriptSource.digestOf(file);
    reward("add", "learned", "--torchscript", file.toString(), "--sha256", "00")
        .requireRefused(2, "--sha256", digest, "another file");
    reward("add", "learned", "--torchscript", file.toString(), "--sha256", digest).requireDone();
    JsonNode artifact = json(reward("list", "--json")).at("/rewards/1/artifact");
    assertThat(artifact.path("sha256").asText()).isEqualTo(digest);
    assertThat(artifact.path("size").asInt()).isEqualTo(4);
    reward("add", "other", "--torchscript", folder.resolve("none.pt").toString())
        .requireRefused(1, "none.pt", "no such file");
  }

  @Test
  void shouldEndWith3WhenTheGateRefuses() {
    reward("add", "a", "--sum", "own=-1").requireDone();
    operations.failing = List.of("rank is -1.0, expected >=0.5");
    Cli refused = reward("backtest", "a", "--gate", "rank>=0.5");
    assertThat(refused.status()).isEqualTo(3);
    assertThat(refused.out()).contains("refused", "rank is -1.0, expected >=0.5");
    reward("activate", "a").requireRefused(3, "did not pass its gate", "rank is -1.0");
  }

  @Test
  void shouldNameWhatWasAskedWrongly() {
    reward("add", "a").requireRefused(2, "--torchscript", "--builtin");
    reward("add", "a", "--sum", "own").requireRefused(2, "--sum: got 'own'");
    reward("add", "a", "--sum", "own=much").requireRefused(2, "--sum: got 'own=much'");
    reward("add", "a", "--builtin", "x", "--aggregate", "min").requireRefused(2, "--aggregate");
    reward("add", "a/b", "--builtin", "x").requireRefused(2, "name: got 'a/b'");
    reward("activate", "own@x").requireRefused(2, "NAME@VERSION", "own@x");
    reward("activate", "own", "--blend", "soon").requireRefused(2, "--blend: got 'soon'");
    reward("shadow", "own", "--share", "much").requireRefused(2, "--share");
    reward("activate", "none").requireRefused(1, "there is no reward none", "own@1");
  }

  @Test
  void shouldNameAControlThatDoesNotAnswerOrRefuses() {
    Cli.run("reward", "list", "--url", "http://127.0.0.1:1")
        .requireRefused(1, "no run answers at http://127.0.0.1:1", "--url");
    Cli.run("reward", "list", "--url", "nowhere").requireRefused(2, "--url: got 'nowhere'");
    Cli.run("reward", "list", "--url", server.url(), "--token", "other").requireRefused(1, "token");
    operations.refusal =
        Optional.of(
            new RefusedException(RefusedException.Kind.UNAVAILABLE, "the log does not answer"));
    reward("list").requireRefused(1, "the log does not answer");
  }

  @Test
  void shouldFindTheRunOfAFolder() throws RunException {
    LiveRun run = new LiveRun("run-1", "", ProcessHandle.current().pid(), server.url());
    try (LiveRun.Announced announced = run.announce(folder)) {
      assertThat(announced.file()).exists();
      assertThat(
              Cli.run("reward", "list", "--run", folder.toString(), "--token", TOKEN)
                  .requireDone()
                  .out())
          .contains("run run-1");
    }
    Cli.run("reward", "list", "--run", folder.toString(), "--url", server.url())
        .requireRefused(2, "--url and --run");
    Cli.run("reward", "list", "--run", folder.toString())
        .requireRefused(1, "no run goes on in " + folder);
    Cli.run("reward", "list").requireRefused(1, "no run goes on below runs", "--run");
  }
}
