// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.favstream.actors.runtime.CodeVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people get who ask wrongly; nothing here needs a broker. */
class CommandLineTest {
  private static final String TOY = "eight-gaussians";

  /** Nobody listens on port 1. */
  private static final String NOBODY = "127.0.0.1:1";

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "evaluate",
        "pretrain",
        "dataset",
        "list",
        "node",
        "env",
        "transitions",
        "reward",
        "lineage",
        "replay",
        "ab"
      })
  void shouldShowExamplesInTheHelpOfEachCommand(String command) {
    Cli help = Cli.run(command, "--help").requireDone();
    assertThat(help.out())
        .contains("Usage: favstream " + command, "Examples:", "  favstream " + command + " ");
    assertThat(help.err()).isEmpty();
    assertThat(Cli.run("help", command).requireDone().out()).isEqualTo(help.out());
  }

  @Test
  void shouldShowTheCommandsWhenAskedForNone() {
    for (Cli help : new Cli[] {Cli.run(), Cli.run("--help")}) {
      assertThat(help.requireDone().out())
          .contains(
              "run",
              "evaluate",
              "pretrain",
              "dataset",
              "list",
              "node",
              "env",
              "transitions",
              "reward",
              "lineage",
              "replay",
              "ab",
              "Examples:");
    }
    assertThat(Cli.run("--version").requireDone().out())
        .isEqualToIgnoringNewLines("favstream " + CodeVersion.current());
  }

  @Test
  void shouldListTheJobs() throws JsonProcessingException {
    assertThat(Cli.run("list").requireDone().out()).contains(TOY, "reaction-control");
    JsonNode jobs = new ObjectMapper().readTree(Cli.run("list", "--json").requireDone().out());
    assertThat(jobs.findValuesAsText("job")).contains(TOY, "reaction-control");
    assertThat(jobs.findValuesAsText("description")).allMatch(text -> !text.isBlank());
  }

  @Test
  void shouldPrintAConfigurationThatIsAJobAgain() throws IOException {
    String config = Cli.run("list", "--config", TOY).requireDone().out();
    Path copy = Files.writeString(folder.resolve("copy.conf"), config);
    assertThat(Cli.run("list", "--config", copy.toString()).requireDone().out()).isEqualTo(config);
  }

  @Test
  void shouldNameAnUnknownCommandOrOption() {
    Cli.run("align", TOY).requireRefused(2, "'align'", "favstream list");
    Cli.run("run", TOY, "--step", "3").requireRefused(2, "--step");
    Cli.run("run").requireRefused(2, "JOB");
    Cli.run("node", TOY, "--role", "painter", "--run", "r", "--name", "n")
        .requireRefused(2, "painter", "SAMPLER");
  }

  @Test
  void shouldNameAnUnknownJobAndThoseThereAre() {
    Cli.run("run", "eight-gausians")
        .requireRefused(2, "unknown job 'eight-gausians'", TOY, "reaction-control", "a file");
    Cli.run("pretrain", folder.resolve("none.conf").toString())
        .requireRefused(2, "unknown job", "none.conf");
  }

  @Test
  void shouldNameAnUnknownKeyAndThoseThereAre() throws IOException {
    Cli.run("run", TOY, "--set", "learner.bta=2")
        .requireRefused(2, "unknown key 'learner.bta'", "--set learner.bta=2", "beta");
    Path job = folder.resolve("mine.conf");
    Files.writeString(job, "job.name = mine\nsampler.particels-per-context = 3\n");
    Cli.run("run", job.toString())
        .requireRefused(2, "unknown key 'sampler.particels-per-context'", "mine.conf: 2");
  }

  @Test
  void shouldNameFileAndLineOfAJobThatCannotBeRead() throws IOException {
    Path job = Files.writeString(folder.resolve("broken.conf"), "job {\n  name = \n}\n}\n");
    Cli.run("run", job.toString()).requireRefused(2, "broken.conf: 3");
  }

  @Test
  void shouldRefuseAPoolWithoutAWholeBlockOfEvenNoise() {
    Cli.run(
            "run",
            "eight-gaussians",
            "--set",
            "generator.noise=quasi-random",
            "--set",
            "reference.pool=100")
        .requireRefused(2, "reference.pool: got 100, expected at least reference.per-step, 2048");
  }

  @Test
  void shouldRefuseParticlesWithoutOthersThatDoNotCountThemselves() {
    Cli.run(
            "run",
            "eight-gaussians",
            "--set",
            "learner.own-term=false",
            "--set",
            "sampler.particles-per-context=1")
        .requireRefused(
            2,
            "sampler.particles-per-context",
            "got '1', expected at least 2, as learner.own-term is false");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "learner.beta=much, beta",
        "learner.beta=NaN, beta",
        "learner.steps=-5, learner.steps",
        "learner.max-lag=-1, max-lag -1",
        "learner.groups-per-step=0, groups-per-step 0",
        "learner.publish-every=0, publish-every 0",
        "learner.anchor=middle, 'middle'",
        "learner.bandwidth=scot, 'scot'",
        "learner.floor-mode=never, 'never'",
        "learner.density-exponent=1.5, density-exponent",
        "learner.trust-radius=-1, trust-radius",
        "learner.learning-rate.base=0, learning-rate",
        "learner.clip-norm=-1, clip-norm",
        "learner.checkpoints-kept=0, checkpoints-kept",
        "learner.lease-timeout=0s, lease-timeout",
        "learner.settle-deadline=-1s, settle-deadline",
        "learner.device=tpu, 'tpu'",
        "engine.threads=0, engine.threads",
        "reference.pool=-1, reference.pool",
        "reference.per-step=0, reference.per-step",
        "generator.noise=evenly, 'evenly'",
        "sampler.count=0, count 0",
        "sampler.device=tpu, 'tpu'",
        "reward.kind=luck, 'luck'",
        "reward.heights=[1], reward.heights",
        "reward.kind=remote, reward.gradient",
        "reward.remote.url=ftp://host/, reward.remote.url",
        "reward.remote.batch=0, reward.remote.batch",
        "reward.remote.timeout=0s, reward.remote.timeout",
        "reward.gradient=guess, 'guess'",
        "reward.workers=0, reward.workers",
        "reward.version=-1, reward.version",
        "reward.nes.samples=0, samples 0",
        "metrics.port=70000, metrics.port: got 70000",
        "watch.patience=0, patience 0",
        "watch.samples=1, samples 1",
        "watch.fall=-1, fall -1",
        "watch.gold.heigths=[1], unknown key 'reward.heigths' (--set watch.gold.heigths=[1]",
        "`watch.gold={kind=eight-gaussians,heights=[1]}`, watch.gold",
        "watch.gold.kind=luck, watch.gold",
        "watch.gold.kind=episodes, only a policy has episodes",
        "watch.episodes=1, episodes 1",
        "watch.gold.kind=critic, watch.gold",
        "evaluation.kind=luck, 'luck'",
        "generator.context-size=3, evaluation.kind",
        "evaluation.every=0s, evaluation.every",
        "evaluation.samples=0, evaluation.samples",
        "evaluation.draws=0, evaluation.draws",
        "generator.family=gan, 'gan'",
        "generator.steps=0, generator.steps",
        "context.kind=weather, 'weather'",
        "run.duration=soon, run.duration",
        "run.duration=-3s, run.duration",
        "run.seed=one, seed",
        "broker.port=99999, broker.port",
        "control.port=99999, control.port",
        "control.host=0.0.0.0, control.token",
        "control.trial-timeout=0s, control.trial-timeout",
        "broker.heap=tiny, broker.heap",
        "kafka.setup-timeout=0s, kafka.setup-timeout",
        "kafka.retention=-1h, kafka.retention",
        "job.name=Über, job.name",
      })
  void shouldNameABadValueBeforeAnythingIsMade(String setting, String named) {
    Path out = folder.resolve("run");
    // Were it not refused, the run would end at once for want of a broker.
    Cli.run(
            "run",
            TOY,
            "--out",
            out.toString(),
            "--bootstrap-servers",
            NOBODY,
            "--set",
            "kafka.setup-timeout=1s",
            "--set",
            setting)
        .requireRefused(2, named);
    assertThat(out).doesNotExist();
  }

  @Test
  void shouldRefuseAGoldRewardThatCannotBeMade() {
    String out = folder.resolve("run").toString();
    Cli.run("run", "arm-tracking", "--out", out, "--set", "watch.gold.kind=eight-gaussians")
        .requireRefused(2, "watch.gold", "policy", "expected kind episodes or torchscript");
    Path missing = folder.resolve("gold.pt");
    Cli.run(
            "run",
            TOY,
            "--out",
            out,
            "--set",
            "watch.gold.kind=torchscript",
            "--set",
            "watch.gold.module=" + missing)
        .requireRefused(2, "watch.gold", missing.toString());
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void shouldRefuseAResumeOfNothing() {
    Cli.run("run", TOY, "--out", folder.resolve("new").toString(), "--resume")
        .requireRefused(1, "--resume", "new", "holds no run");
  }

  @Test
  void shouldNameTheAddressWhereNoBrokerAnswers() {
    String quick = "kafka.setup-timeout=1s";
    String out = folder.resolve("run").toString();
    Cli.run("run", TOY, "--out", out, "--bootstrap-servers", NOBODY, "--set", quick)
        .requireRefused(1, "no Kafka broker answers at " + NOBODY, "--bootstrap-servers");
    Cli.run(
            "node",
            TOY,
            "--role",
            "reward",
            "--run",
            "r",
            "--name",
            "n",
            "--bootstrap-servers",
            NOBODY,
            "--set",
            quick)
        .requireRefused(1, "no Kafka broker answers at " + NOBODY);
  }

  @Test
  void shouldNameAnAddressThatIsNone() {
    Cli.run("run", TOY, "--out", folder.resolve("a").toString(), "--bootstrap-servers", "kafka")
        .requireRefused(1, "'kafka'");
    Cli.run(
            "run",
            TOY,
            "--out",
            folder.resolve("b").toString(),
            "--bootstrap-servers",
            "no-such-host.invalid:9092")
        .requireRefused(1, "no-such-host.invalid:9092");
  }

  @Test
  void shouldNameThePortThatIsInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Cli.run(
              "run",
              TOY,
              "--out",
              folder.resolve("run").toString(),
              "--set",
              "broker.port=" + taken.getLocalPort())
          .requireRefused(1, "broker.port", taken.getLocalPort() + " is in use", "broker.port=0");
    }
  }

  @Test
  void shouldNameTheRunThatAFolderHoldsAlready() throws IOException {
    Files.writeString(
        folder.resolve("run.json"), "{\"run\": \"r-1\", \"job\": \"other\", \"starts\": 1}");
    String here = folder.toString();
    Cli.run("run", TOY, "--out", here)
        .requireRefused(1, here + " holds a run already", "--resume", "--out");
    Cli.run("run", TOY, "--out", here, "--resume")
        .requireRefused(1, here + " holds a run of job other, not of " + TOY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{}", "7"})
  void shouldNameAFolderWhoseStateCannotBeRead(String state) throws IOException {
    Files.writeString(folder.resolve("run.json"), state);
    for (int time = 0; time < 2; time++) { // and the folder is free again afterwards
      Cli refused = Cli.run("run", TOY, "--out", folder.toString(), "--resume");
      refused.requireRefused(1, folder.toString());
      assertThat(refused.err()).doesNotContain("in use");
    }
    assertThat(folder.resolve("run.json")).hasContent(state);
  }

  @Test
  void shouldRefuseAnOutThatIsAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    Cli.run("run", TOY, "--out", file.toString()).requireRefused(1, file.toString());
  }

  @Test
  void shouldNameAVersionOrARangeThatIsNone() {
    Cli.run("lineage", "newest").requireRefused(2, "VERSION", "'newest'", "latest");
    Cli.run("lineage", "-3").requireRefused(2, "-3");
    Cli.run("replay", "7").requireRefused(2, "FROM..TO", "'7'", "0..latest");
    Cli.run("replay", "7..7").requireRefused(2, "'7..7'", "TO above FROM");
  }

  @Test
  void shouldRefuseToCompareWhatIsNotMeasuredAlike() {
    Cli.run("ab", TOY, "--a", "evaluation.seed=3", "--b", "learner.beta=2")
        .requireRefused(2, "--a and --b differ in section evaluation", "--set changes it");
    Cli.run("ab", TOY, "--b", "engine.threads=2").requireRefused(2, "section engine");
    Cli.run("ab", TOY, "--a", "learner.beta=2", "sampler.count=3")
        .requireRefused(2, "--a: sampler.count is shared out", "--share");
    Cli.run("ab", TOY, "--share", "1").requireRefused(2, "--share: got 1.0", "between 0 and 1");
    Cli.run("ab", TOY, "--a", "learner.bta=2").requireRefused(2, "unknown key 'learner.bta'");
  }

  @Test
  void shouldSayWhichRunIsMissingOrHowItIsReached() throws IOException {
    Cli.run("lineage", "1", "--run", "r").requireRefused(2, "--run needs --bootstrap-servers");
    Cli.run("lineage", "1", "--bootstrap-servers", NOBODY)
        .requireRefused(2, "--bootstrap-servers needs --run or --out");
    Cli.run("lineage", "1", "--out", folder.resolve("none").toString())
        .requireRefused(1, "none holds no run");
    Cli.run(
            "replay",
            "0..1",
            "--run",
            "r",
            "--bootstrap-servers",
            NOBODY,
            "--set",
            "kafka.setup-timeout=1s")
        .requireRefused(1, "no Kafka broker answers at " + NOBODY);
    Files.writeString(
        folder.resolve("run.json"), "{\"run\": \"r-1\", \"job\": \"other\", \"starts\": 1}");
    Files.writeString(folder.resolve("job.conf"), "");
    Cli over = Cli.run("lineage", "1", "--out", folder.toString());
    assertThat(over.status()).isEqualTo(1);
    assertThat(over.err()).contains("run r-1", "is over", "--bootstrap-servers says where");
  }

  @Test
  void shouldServeAnEnvironmentUntilItsInputEnds() {
    InputStream in = System.in;
    try {
      System.setIn(InputStream.nullInputStream());
      Cli served = Cli.run("env", "point-mass", "--copies", "2", "--end-with-input");
      assertThat(served.requireDone().out()).matches("listening on 127\\.0\\.0\\.1:\\d+\\R");
    } finally {
      System.setIn(in);
    }
  }

  @Test
  void shouldNameAnUnknownEnvironmentAndThoseThereAre() {
    Cli.run("env", "reacher")
        .requireRefused(2, "unknown environment 'reacher'", "mujoco-reacher", "point-mass");
  }

  @Test
  void shouldNameABadPortOrNumberOfCopies() {
    Cli.run("env", "point-mass", "--port", "70000").requireRefused(2, "--port: got 70000");
    Cli.run("env", "point-mass", "--copies", "0").requireRefused(2, "--copies: got 0");
  }

  @Test
  void shouldNameThePortOfAnEnvironmentThatIsInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      Cli.run("env", "point-mass", "--port", port)
          .requireRefused(1, "127.0.0.1:" + port + " is in use", "any free one");
    }
  }
}
