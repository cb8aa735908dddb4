// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.favstream.infra.job.Job;
import org.favstream.infra.run.LiveRun;
import org.favstream.infra.run.LocalRun;
import org.favstream.infra.run.Report;
import org.favstream.infra.run.RunException;
import org.favstream.infra.run.RunFolder;
import org.favstream.infra.system.RealBroker;
import org.favstream.infra.system.TestLog;
import org.favstream.infra.system.TestLoop;
import org.favstream.protocol.Codec;
import org.favstream.protocol.RegistryEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A run that watches a gold reward, and people who activate others meanwhile. */
@ExtendWith(RealBroker.class)
class GoldAlarmIT {
  private static final long PATIENCE_SECONDS = 120;
  private static final int PARTICLES = 32;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Gold is what the run begins with; a large beta, so that a reward shows within a few steps. */
  private static final Job JOB =
      TestLoop.job(
          "learner.beta=8",
          "watch.gold={kind=eight-gaussians}",
          "watch.samples=256",
          "watch.patience=2",
          "watch.rollback=true",
          "evaluation.every=300ms",
          "run.duration=10m");

  private final TestLog log;

  @TempDir private Path folder;

  GoldAlarmIT(TestLog log) {
    this.log = log;
  }

  /** A run that goes on until it is told to finish. */
  private final class Live implements AutoCloseable {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final RunFolder opened;
    private final LocalRun run;
    private final CompletableFuture<Report> ended;
    private final long linesBefore;

    Live(boolean resume) throws RunException, IOException {
      linesBefore = lines().size();
      opened = RunFolder.open(folder, JOB, resume, Clock.systemUTC().instant());
      run =
          new LocalRun(
              new LocalRun.Options(JOB, Optional.of(log.bootstrapServers())),
              opened,
              new LocalRun.Console(new PrintStream(said, true, StandardCharsets.UTF_8), true),
              Clock.systemUTC());
      ended = CompletableFuture.supplyAsync(this::report);
    }

    private Report report() {
      try {
        return run.run();
      } catch (RunException e) {
        throw new AssertionError(e);
      }
    }

    /** Waits for such a line of the metrics, among those since this start of the run. */
    JsonNode await(String what, Predicate<JsonNode> wanted) throws Exception {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (System.nanoTime() < deadline && !ended.isCompletedExceptionally()) {
        List<JsonNode> lines = lines();
        for (JsonNode line : lines.subList((int) linesBefore, lines.size())) {
          if (wanted.test(line)) {
            return line;
          }
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
      throw new AssertionError(what + " did not come: " + said());
    }

    String said() {
      return said.toString(StandardCharsets.UTF_8);
    }

    Report finish() throws Exception {
      run.finish();
      return ended.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws Exception {
      run.finish();
      ended.handle((report, fault) -> report).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      opened.close();
    }
  }

  private List<JsonNode> lines() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    List<JsonNode> lines = new ArrayList<>();
    if (Files.exists(file)) {
      String text = Files.readString(file);
      for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n", -1)) {
        if (!line.isEmpty()) {
          lines.add(JSON.readTree(line));
        }
      }
    }
    return lines;
  }

  private static boolean watched(JsonNode line, long activation) {
    return line.at("/metrics/watch/activation").asLong(-1) == activation;
  }

  private void reward(String... words) {
    List<String> all = new ArrayList<>(List.of("reward"));
    all.addAll(List.of(words));
    all.addAll(List.of("--run", folder.toString()));
    Cli.run(all.toArray(String[]::new)).requireDone();
  }

  /** Where the run is controlled from. */
  private String metrics() throws Exception {
    String url = LiveRun.read(folder).orElseThrow().controlUrl() + "/metrics";
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private <E extends RegistryEvent> List<E> events(String run, Class<E> type) {
    return log.readAll(JOB.topics(run).rewardRegistry(), Codec.REGISTRY).stream()
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  @Test
  void shouldSoundTheAlarmOnceAndRollBackByItself() throws Exception {
    String run;
    Report first;
    try (Live live = new Live(false)) {
      run = live.opened.run();
      live.await("a reading", line -> watched(line, 0));
      reward(
          "add",
          "reverse",
          "--builtin",
          "eight-gaussians",
          "--set",
          "heights=[1, 0.857143, 0.714286, 0.571429, 0.428571, 0.285714, 0.142857, 0]");
      reward("activate", "reverse");
      JsonNode back = live.await("a reading after the rollback", line -> watched(line, 2));
      live.await("the count", line -> line.path("alarms").asLong() == 1);
      live.await(
          "learning after it",
          line -> line.path("step").asLong() >= back.path("step").asLong() + 20);
      assertThat(metrics())
          .contains(
              "\nfavstream_watch_alarms 1.0\n",
              "\nfavstream_learner_reward_activation 2.0\n",
              "\nfavstream_sampler_groups_total{",
              "\nfavstream_reward_groups_total ",
              "\nfavstream_evaluation{metric=\"watch.gold\"} ");
      first = live.finish();
      assertThat(live.said())
          .contains(
              "over-optimisation: the gold reward fell from",
              "rolled back from reverse@1 to eight-gaussians@1",
              "  alarms 1");
    }
    List<RegistryEvent.Alarmed> alarms = events(run, RegistryEvent.Alarmed.class);
    assertThat(alarms)
        .extracting(RegistryEvent.Alarmed::alarm)
        .containsExactly("over-optimisation");
    List<RegistryEvent.Activated> activated = events(run, RegistryEvent.Activated.class);
    assertThat(activated)
        .extracting(event -> event.reward() + " " + event.rollback())
        .containsExactly("reverse@1 false", "eight-gaussians@1 true");
    assertThat(activated.get(1).reason()).isEqualTo(alarms.get(0).detail());
    assertThat(first.reward()).isEqualTo("eight-gaussians@1");
    assertThat(first.refused()).isZero();
    assertThat(first.generations()).isEqualTo(PARTICLES * first.steps());
    assertThat(Files.readString(folder.resolve(RunFolder.WATCH)))
        .contains(">active reward<", ">gold reward<", ">distance<", "reverse@1 from ");

    long points = lines().stream().filter(line -> watched(line, 1)).count();
    assertThat(points).describedAs("readings under the reverse").isGreaterThan(2);
    try (Live live = new Live(true)) {
      JsonNode counted = live.await("the count", line -> line.has("alarms"));
      assertThat(counted.get("alarms").asLong()).isEqualTo(1);
      live.await("a reading", line -> watched(line, 2));
      live.finish();
      assertThat(live.said()).doesNotContain("over-optimisation");
    }
    assertThat(events(run, RegistryEvent.Alarmed.class)).isEqualTo(alarms);
    assertThat(events(run, RegistryEvent.Activated.class)).isEqualTo(activated);
    assertThat(Files.readString(folder.resolve(RunFolder.WATCH)))
        .describedAs("of all starts of the run")
        .contains("reverse@1 from ");
  }

  @Test
  void shouldStayQuietWhereGoldRisesWithTheReward() throws Exception {
    try (Live live = new Live(false)) {
      live.await("a reading", line -> watched(line, 0));
      reward("add", "twice", "--sum", "eight-gaussians=2");
      reward("activate", "twice");
      JsonNode begun = live.await("a reading", line -> watched(line, 1));
      live.await(
          "many readings",
          line ->
              watched(line, 1)
                  && line.path("version").asLong() > begun.path("version").asLong()
                  && line.at("/metrics/watch/gold").asDouble()
                      > begun.at("/metrics/watch/gold").asDouble() + 0.05);
      JsonNode counted = live.await("the count", line -> line.has("alarms"));
      assertThat(counted.get("alarms").asLong()).isZero();
      Report report = live.finish();
      assertThat(report.reward()).isEqualTo("twice@1");
      assertThat(live.said()).doesNotContain("over-optimisation", "alarms");
      assertThat(events(live.opened.run(), RegistryEvent.Alarmed.class)).isEmpty();
    }
    assertThat(LiveRun.read(folder)).isEmpty();
  }
}
