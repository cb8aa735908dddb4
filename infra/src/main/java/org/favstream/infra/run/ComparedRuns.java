// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import com.typesafe.config.Config;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.weights.Safetensors;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.broker.BrokerProcess;
import org.favstream.infra.job.Job;
import org.favstream.reward.evaluation.Evaluator;
import org.favstream.sampler.generator.LoadedGenerator;

/**
 * Two runs of one job at the same time, in this JVM and on one cluster, each with a share of the
 * job's samplers and with rewards, a learner and an evaluator of its own. Their folders lie in one,
 * beside what is said about both.
 */
public final class ComparedRuns {
  /** What both must have alike: where they run, how long, and how they are measured. */
  private static final List<String> COMMON =
      List.of("job", "run", "engine", "kafka", "broker", "evaluation");

  /**
   * What is asked for.
   *
   * @param load the job with these changes
   * @param a changes of the first
   * @param b changes of the second
   * @param share of the samplers that the first gets, between 0 and 1
   * @param bootstrapServers of a given cluster; empty for the embedded broker
   */
  public record Asked(
      Function<List<String>, Job> load,
      List<String> a,
      List<String> b,
      double share,
      Optional<String> bootstrapServers) {}

  private final Asked asked;
  private final Job jobA;
  private final Job jobB;
  private final Path path;
  private final PrintStream out;
  private final Clock clock;
  private final CompletableFuture<List<LocalRun>> started = new CompletableFuture<>();

  /**
   * Two runs.
   *
   * @param folder where to; a new one where it is empty
   * @param out where people read
   * @throws ConfigurationException where the two cannot be compared
   */
  public ComparedRuns(Asked asked, Optional<Path> folder, PrintStream out, Clock clock) {
    this.asked = asked;
    this.out = out;
    this.clock = clock;
    if (!(asked.share() > 0 && asked.share() < 1)) {
      throw new ConfigurationException(
          "--share: got %s, expected a number between 0 and 1".formatted(asked.share()));
    }
    Job whole = asked.load().apply(List.of());
    int samplers = whole.sampler().count();
    int first = Math.max(1, Math.min(samplers - 1, (int) Math.round(samplers * asked.share())));
    this.jobA = side("--a", asked.a(), first);
    this.jobB = side("--b", asked.b(), Math.max(1, samplers - first));
    requireAlike();
    this.path = folder.orElseGet(() -> RunFolder.usual("ab-" + whole.name(), clock.instant()));
  }

  private Job side(String option, List<String> changes, int samplers) {
    if (changes.stream().anyMatch(change -> change.strip().startsWith("sampler.count"))) {
      throw new ConfigurationException(
          option + ": sampler.count is shared out between the two: --set changes it, and --share");
    }
    List<String> all = new ArrayList<>(changes);
    all.add("sampler.count=" + samplers);
    Job job = asked.load().apply(all);
    job.weightsOrRefuse(); // before there is a folder
    return job;
  }

  private void requireAlike() {
    for (String section : COMMON) {
      Config of = jobA.read(complete -> complete.getConfig(section));
      if (!of.equals(jobB.read(complete -> complete.getConfig(section)))) {
        throw new ConfigurationException(
            "--a and --b differ in section %s: that must be the same for both, and --set changes it"
                .formatted(section));
      }
    }
  }

  /** Where they are. */
  public Path path() {
    return path;
  }

  /**
   * Runs both until each has its steps or the time is over, or {@link #finish} is called.
   *
   * @throws RunException where one cannot begin or go on; the other is then finished too
   */
  public Comparison run() throws RunException {
    if (Files.exists(path.resolve("a")) || Files.exists(path.resolve("b"))) {
      throw new RunException(
          "%s holds a comparison already: another --out starts anew".formatted(path));
    }
    Instant now = clock.instant();
    try (RunFolder a = RunFolder.open(path.resolve("a"), jobA, "-a", false, now);
        RunFolder b = RunFolder.open(path.resolve("b"), jobB, "-b", false, now);
        RunLog log = new RunLog(path.resolve("favstream.log"))) {
      out.printf("runs %s and %s in %s%n", a.run(), b.run(), path);
      Optional<BrokerProcess> broker = startBroker();
      List<Report> reports;
      try {
        reports =
            both(
                a,
                b,
                broker
                    .map(BrokerProcess::bootstrapServers)
                    .or(asked::bootstrapServers)
                    .orElseThrow(),
                broker);
      } finally {
        broker.ifPresent(BrokerProcess::close);
      }
      return conclude(a, b, reports);
    } finally {
      started.complete(List.of());
    }
  }

  /** Ends both cleanly. */
  public void finish() {
    CompletableFuture<Void> unused = started.thenAccept(runs -> runs.forEach(LocalRun::finish));
  }

  private Optional<BrokerProcess> startBroker() throws RunException {
    if (asked.bootstrapServers().isPresent()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          BrokerProcess.start(
              jobA.read(config -> BrokerProcess.Settings.of(config, path.resolve("broker")))));
    } catch (BrokerProcess.BrokerException e) {
      throw new RunException(Faults.describe(e), e);
    }
  }

  private List<Report> both(
      RunFolder a, RunFolder b, String servers, Optional<BrokerProcess> broker)
      throws RunException {
    LocalRun runA = local(jobA, a, "a", servers);
    LocalRun runB = local(jobB, b, "b", servers);
    started.complete(List.of(runA, runB));
    CompletableFuture<Void> gone = new CompletableFuture<>();
    try (BrokerWatch watch =
        new BrokerWatch(jobA.connection(servers), broker, message -> out.println(message), gone)) {
      CompletableFuture<Report> reportA = begun(runA, "a", runB);
      CompletableFuture<Report> reportB = begun(runB, "b", runA);
      awaitBoth(reportA, reportB);
      return List.of(report(reportA, "a"), report(reportB, "b"));
    }
  }

  /** Whatever becomes of one, the broker must outlive the other. */
  private static void awaitBoth(CompletableFuture<?> a, CompletableFuture<?> b) {
    try {
      CompletableFuture.allOf(a, b).join();
    } catch (CompletionException e) {
      // Its report says so.
    }
  }

  private LocalRun local(Job job, RunFolder folder, String name, String servers) {
    return new LocalRun(
        new LocalRun.Options(job, Optional.of(servers)),
        folder,
        new LocalRun.Console(
            new PrintStream(new Prefixed(name), true, StandardCharsets.UTF_8), false),
        clock);
  }

  /**
   * Begins one.
   *
   * @param other finished where this one cannot go on: it has nothing to be compared with
   */
  private static CompletableFuture<Report> begun(LocalRun run, String name, LocalRun other) {
    CompletableFuture<Report> report = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                report.complete(run.logged());
              } catch (RunException | RuntimeException e) {
                other.finish();
                report.completeExceptionally(e);
              }
            },
            "favstream-run-" + name);
    thread.start();
    return report;
  }

  private static Report report(CompletableFuture<Report> report, String name) throws RunException {
    try {
      return report.get();
    } catch (ExecutionException e) {
      throw new RunException("run %s: %s".formatted(name, Faults.describe(e)), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunException("interrupted", e);
    }
  }

  private Comparison conclude(RunFolder a, RunFolder b, List<Report> reports) throws RunException {
    out.println("measuring each one's weights as the other does");
    Comparison comparison =
        new Comparison(
            jobA.name(),
            jobA.seed(),
            side(asked.a(), jobA, a, reports.get(0)),
            side(asked.b(), jobB, b, reports.get(1)),
            new Comparison.Measured(reports.get(0).metrics(), measured(jobA, jobB, b)),
            new Comparison.Measured(measured(jobB, jobA, a), reports.get(1).metrics()));
    write("report.json", comparison.toJson() + "\n");
    write("curves.svg", comparison.picture());
    return comparison;
  }

  private static Comparison.Side side(
      List<String> changes, Job job, RunFolder folder, Report report) throws RunException {
    return new Comparison.Side(
        changes, job.sampler().count(), report, Reading.all(folder.file("metrics.jsonl")));
  }

  /**
   * Metrics of a run's last weights.
   *
   * @param by whose evaluation
   * @param of whose weights
   */
  private static Map<String, Double> measured(Job by, Job of, RunFolder folder)
      throws RunException {
    try (Evaluator evaluator = by.evaluator().get();
        LoadedGenerator generator =
            new LoadedGenerator(
                of.generator().create(),
                Safetensors.read(folder.file("weights.safetensors")).toWeights(),
                of.device("evaluation.device"))) {
      return evaluator.evaluate(generator, Evaluator.Depth.FULL);
    } catch (WeightsException | IOException e) {
      throw new RunException(Faults.describe(e), e);
    }
  }

  private void write(String name, String text) throws RunException {
    try {
      Files.writeString(path.resolve(name), text);
    } catch (IOException e) {
      throw new RunException(
          "%s could not be written: %s".formatted(path.resolve(name), Faults.describe(e)), e);
    }
  }

  /** Lines of one run among those of both. */
  private final class Prefixed extends OutputStream {
    private final String name;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    Prefixed(String name) {
      this.name = name;
    }

    @Override
    public void write(int letter) {
      if (letter != '\n') {
        line.write(letter);
        return;
      }
      out.println(name + "  " + line.toString(StandardCharsets.UTF_8));
      line.reset();
    }
  }
}
