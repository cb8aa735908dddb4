// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.favstream.actors.runtime.CodeVersion;
import org.favstream.actors.weights.CheckpointStore;
import org.favstream.actors.weights.Safetensors;
import org.favstream.infra.job.Job;
import org.favstream.infra.run.LiveRun;
import org.favstream.infra.run.LocalRun;
import org.favstream.infra.run.NodeRole;
import org.favstream.infra.run.RunException;
import org.favstream.infra.run.RunFolder;
import org.favstream.infra.system.RealBroker;
import org.favstream.infra.system.TestLog;
import org.favstream.infra.system.TestLoop;
import org.favstream.learner.node.LearnerEvent;
import org.favstream.protocol.Codec;
import org.favstream.protocol.LineageStep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What made a version, and the version made again. */
@ExtendWith(RealBroker.class)
class AuditIT {
  private static final long PATIENCE_SECONDS = 120;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TestLog log;

  @TempDir private Path folder;

  AuditIT(TestLog log) {
    this.log = log;
  }

  private static Cli run(Path out, long steps, String... more) throws IOException {
    Path job = out.resolveSibling("job.conf");
    Files.writeString(job, TestLoop.job("learner.publish-every=2").config().render());
    List<String> words = new ArrayList<>(List.of("run", job.toString(), "--json"));
    words.addAll(List.of("--out", out.toString(), "--steps", Long.toString(steps)));
    words.addAll(List.of(more));
    return Cli.run(words.toArray(String[]::new)).requireDone();
  }

  /** A command about the run in a folder, on the test's broker. */
  private Cli audit(Path out, String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--out", out.toString(), "--bootstrap-servers", log.bootstrapServers()));
    all.add("--json");
    return Cli.run(all.toArray(String[]::new));
  }

  private static JsonNode json(Cli done) throws IOException {
    return JSON.readTree(done.requireDone().out());
  }

  @Test
  void shouldTellWhatMadeAVersionAndMakeItAgainAlsoAfterAResume() throws Exception {
    Path out = folder.resolve("run");
    run(out, 9, "--bootstrap-servers", log.bootstrapServers());
    String weights = Safetensors.read(out.resolve("weights.safetensors")).toWeights().sha256();
    String config = JSON.readTree(Files.readString(out.resolve("run.json"))).get("run").asText();

    JsonNode latest = json(audit(out, "lineage", "latest"));
    assertThat(latest.get("version").asLong()).isEqualTo(5);
    assertThat(latest.get("parent").asLong()).isEqualTo(4);
    assertThat(latest.get("weightsSha256").asText()).isEqualTo(weights);
    assertThat(latest.at("/total/steps").asLong()).isEqualTo(1);
    JsonNode third = json(audit(out, "lineage", "3"));
    assertThat(third.get("topic").asText()).isEqualTo(config + ".scores");
    assertThat(third.get("steps").findValuesAsText("step")).containsExactly("5", "6");
    assertThat(third.at("/steps/1/referenceDraw").asLong()).isEqualTo(5);
    assertThat(third.at("/steps/0/code").asText()).isEqualTo(CodeVersion.current());
    assertThat(third.at("/steps/0/groups/0/lag").asLong()).isBetween(0L, 4L);
    assertThat(third.at("/steps/0/reward/name").asText()).isEqualTo("eight-gaussians");
    String digest = third.at("/steps/0/configSha256").asText();
    assertThat(Path.of(third.get("configs").get(digest).asText())).isRegularFile();
    audit(out, "lineage", "6").requireRefused(1, "there is no version 6", "versions 1 to 5");
    audit(out, "lineage", "0").requireRefused(1, "version 0 has no steps", "began with");

    JsonNode again = json(audit(out, "replay", "0..latest"));
    assertThat(again.get("agrees").asBoolean()).isTrue();
    assertThat(again.get("notes")).isEmpty();
    assertThat(again.get("versions").findValuesAsText("version"))
        .containsExactly("1", "2", "3", "4", "5");
    assertThat(again.at("/versions/4/madeSha256").asText()).isEqualTo(weights);

    run(out, 16, "--resume", "--bootstrap-servers", log.bootstrapServers());
    JsonNode resumed = json(audit(out, "replay", "0..8"));
    assertThat(resumed.get("agrees").asBoolean()).isTrue();
    assertThat(resumed.get("steps").asLong()).isEqualTo(15);
    assertThat(resumed.get("notes")).describedAs("both configurations are kept").isEmpty();
  }

  @Test
  void shouldNameTheFirstVersionThatDiffers() throws Exception {
    Path out = folder.resolve("run");
    run(out, 6, "--bootstrap-servers", log.bootstrapServers());
    Cli other = audit(out, "replay", "1..3", "--set", "learner.beta=3");
    assertThat(other.status()).isEqualTo(1);
    JsonNode report = JSON.readTree(other.out());
    assertThat(report.get("agrees").asBoolean()).isFalse();
    assertThat(report.get("versions").findValuesAsText("version")).containsExactly("2");
    assertThat(report.at("/versions/0/madeSha256"))
        .isNotEqualTo(report.at("/versions/0/recordedSha256"));
    assertThat(report.get("notes").toString()).contains("learner.beta=3");

    Cli shown =
        Cli.run(
            "replay",
            "1..3",
            "--set",
            "learner.beta=3",
            "--out",
            out.toString(),
            "--bootstrap-servers",
            log.bootstrapServers());
    assertThat(shown.status()).isEqualTo(1);
    assertThat(shown.out()).contains("version 2 (step 4) differs", "recorded", "made");

    // Other weights in the place of those that the run began with.
    Path last = out.resolve("weights.safetensors");
    audit(out, "replay", "0..3", "--set", "generator.weights=\"" + last + "\"")
        .requireRefused(1, "the run began with other pre-trained weights");
    Path kept = out.resolve("checkpoints/version-000000000001.checkpoint.safetensors");
    byte[] bytes = Files.readAllBytes(kept);
    bytes[bytes.length - 1] ^= 1;
    Files.write(kept, bytes);
    audit(out, "replay", "1..3").requireRefused(1, "the checkpoint of version 1", "digest");
    Files.delete(kept);
    audit(out, "replay", "1..3").requireRefused(1, "no such file", "FROM may be 0, 2, 3");
  }

  @Test
  void shouldMakeAgainWhatALearnerMadeThatLostItsCheckpoints() throws Exception {
    Path checkpoints = folder.resolve("checkpoints");
    Job job = TestLoop.job("sampler.count=2", "learner.publish-every=2");
    Path file = Files.writeString(folder.resolve("job.conf"), job.config().render());
    CheckpointStore store = new CheckpointStore(checkpoints, 3);
    List<String> where = new ArrayList<>();
    long lost;
    try (TestLoop loop = new TestLoop(log, job, checkpoints)) {
      where.addAll(List.of("--bootstrap-servers", log.bootstrapServers()));
      where.addAll(List.of("--run", loop.node().run(), "--json"));
      loop.withLearner().with(NodeRole.REWARD, "reward").with(NodeRole.SAMPLER, "sampler");
      loop.awaitStep(9);
      loop.stop("learner"); // in the middle of a version
      loop.withLearner();
      LearnerEvent.Begun second = loop.awaitBegun();
      loop.awaitStep(second.step() + 9);
      loop.finish(); // so that nothing is written any more
      loop.stop("learner");
      List<Long> kept = store.versions();
      lost = kept.get(kept.size() - 1);
      Files.delete(checkpoints.resolve("version-%012d.checkpoint.safetensors".formatted(lost)));
      loop.withLearner();
      LearnerEvent.Begun third = loop.awaitBegun();
      assertThat(third.version()).describedAs("a number never used").isGreaterThan(lost);
      loop.awaitStep(third.step() + 5);
      loop.finish();
    }
    List<String> replay = new ArrayList<>(List.of("replay", "0..latest", file.toString()));
    replay.addAll(where);
    JsonNode again = json(Cli.run(replay.toArray(String[]::new)));
    assertThat(again.get("agrees").asBoolean()).isTrue();
    assertThat(again.get("superseded")).extracting(JsonNode::asLong).contains(lost);
    assertThat(again.get("versions").findValuesAsText("version"))
        .doesNotContain(Long.toString(lost), Long.toString(lost + 1));

    // What the learner went on with stands under a number of its own, without steps.
    List<String> lineage = new ArrayList<>(List.of("lineage", Long.toString(lost + 1)));
    lineage.addAll(where);
    Cli.run(lineage.toArray(String[]::new))
        .requireRefused(
            1,
            "version %d has no steps of its own: it is version %d".formatted(lost + 1, lost - 1));
  }

  @Test
  void shouldSayWhatRetentionHasDropped() throws Exception {
    Path out = folder.resolve("run");
    run(out, 12, "--bootstrap-servers", log.bootstrapServers());
    String run = JSON.readTree(Files.readString(out.resolve("run.json"))).get("run").asText();
    LineageStep third =
        log.readAll(run + ".lineage", Codec.LINEAGE).stream()
            .filter(step -> step.version() == 3)
            .findFirst()
            .orElseThrow();
    LineageStep.GroupPosition at = third.groups().get(0);
    try (Admin admin = log.admin()) {
      admin
          .deleteRecords(
              Map.of(
                  new TopicPartition(run + ".scores", at.partition()),
                  RecordsToDelete.beforeOffset(at.offset() + 1)))
          .all()
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    audit(out, "replay", "0..latest")
        .requireRefused(
            1,
            "retention has dropped groups of 3 of the 6 versions",
            "%s.scores partition %d is kept from offset %d on"
                .formatted(run, at.partition(), at.offset() + 1),
            "version 1 needs offset 0",
            "All groups after version 3 are kept; FROM may be 4, 5, 6");
    assertThat(json(audit(out, "replay", "4..latest")).get("agrees").asBoolean()).isTrue();
  }

  @Test
  void shouldStartTheBrokerOfARunThatIsOver() throws Exception {
    Path out = folder.resolve("run");
    run(out, 5);
    assertThat(out.resolve("live.json")).doesNotExist();
    Cli found = Cli.run("lineage", "2", "--out", out.toString()).requireDone();
    assertThat(found.err()).contains("starting its broker");
    assertThat(found.out()).contains("version 2 of run", "parent", "version 1", "in all 2 steps");
  }

  @Test
  void shouldAskARunThatGoesOn() throws Exception {
    Path out = folder.resolve("run");
    Job job = TestLoop.job("run.duration=10m");
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try (RunFolder opened = RunFolder.open(out, job, false, Clock.systemUTC().instant());
        PrintStream console = new PrintStream(said, true, StandardCharsets.UTF_8)) {
      LocalRun run =
          new LocalRun(
              new LocalRun.Options(job, Optional.of(log.bootstrapServers())),
              opened,
              new LocalRun.Console(console, false),
              Clock.systemUTC());
      CompletableFuture<Void> ended = CompletableFuture.runAsync(() -> requireRun(run));
      Cli latest = awaitVersion(out);
      assertThat(latest.out()).contains("version ", opened.run());
      assertThat(LiveRun.read(out)).map(LiveRun::run).contains(opened.run());
      run.finish();
      ended.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(LiveRun.read(out)).isEmpty();
    }
  }

  private static void requireRun(LocalRun run) {
    try {
      run.run();
    } catch (RunException e) {
      throw new AssertionError(e);
    }
  }

  private static Cli awaitVersion(Path out)
      throws RunException, InterruptedException, ExecutionException, TimeoutException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() < deadline) {
      if (LiveRun.read(out).isPresent()) {
        Cli latest = Cli.run("lineage", "latest", "--out", out.toString());
        if (latest.status() == 0) {
          return latest;
        }
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new AssertionError("no version within %d s".formatted(PATIENCE_SECONDS));
  }
}
