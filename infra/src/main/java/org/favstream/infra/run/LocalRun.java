// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.kafka.TopicSetup;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.Safetensors;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.broker.BrokerProcess;
import org.favstream.infra.job.Job;
import org.favstream.infra.metrics.RunMetrics;
import org.favstream.infra.report.SvgPicture;
import org.favstream.learner.checkpoint.Checkpoint;
import org.favstream.learner.node.LearnerJob;
import org.favstream.protocol.Evaluation;
import org.favstream.protocol.Topics;
import org.favstream.reward.evaluation.Evaluator;
import org.favstream.reward.evaluation.GoldWatch;
import org.favstream.reward.node.ActiveReward;
import org.favstream.reward.node.CriticJob;
import org.favstream.reward.node.EvaluatorActor;
import org.favstream.sampler.generator.LoadedGenerator;

/** Runs a job with all roles in this JVM, from start to report. */
public final class LocalRun {

  /**
   * What a run is asked for.
   *
   * @param bootstrapServers of a given cluster; empty for the embedded broker
   */
  public record Options(Job job, Optional<String> bootstrapServers) {}

  private static final Duration TERMINATION = Duration.ofSeconds(20);

  /** How long its topic may take to be read, where there is one. */
  private static final Duration FIRST_CRITIC = Duration.ofSeconds(10);

  private final Options options;
  private final RunFolder folder;
  private final Progress progress;
  private final Clock clock;
  private final CompletableFuture<PublishedWeights> outcome = new CompletableFuture<>();
  private final CompletableFuture<ActorSystem<RunActor.Command>> system = new CompletableFuture<>();

  /** A run in a folder, which tells its progress. */
  public LocalRun(Options options, RunFolder folder, Console console, Clock clock) {
    this.options = options;
    this.folder = folder;
    this.progress =
        new Progress(console.out(), console.terminal(), folder.file("metrics.jsonl"), clock);
    this.clock = clock;
  }

  /**
   * Where people read.
   *
   * @param terminal whether lines are written over
   */
  public record Console(PrintStream out, boolean terminal) {}

  /**
   * Runs until the job's steps or its time are over, or {@link #finish} is called.
   *
   * @throws RunException where it cannot begin or go on
   */
  public Report run() throws RunException {
    try (RunLog log = new RunLog(folder.file("favstream.log"))) {
      return logged();
    }
  }

  /** The same, where someone else keeps what is logged. */
  Report logged() throws RunException {
    options.job().useEngine();
    LearnerJob learner = options.job().learner(folder.checkpoints());
    Optional<CriticJob> critic =
        options.job().isPolicy()
            ? Optional.of(options.job().critic(folder.checkpoints()))
            : Optional.empty();
    Optional<BrokerProcess> broker = startBroker();
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "favstream-progress");
              thread.setDaemon(true);
              return thread;
            });
    try {
      String servers =
          broker.map(BrokerProcess::bootstrapServers).or(options::bootstrapServers).orElseThrow();
      KafkaConnection connection = options.job().connection(servers);
      Topics topics = options.job().topics(folder.run());
      TopicSetup.ensure(
          connection, topics, options.job().read(c -> c.getDuration("kafka.setup-timeout")));
      NodeContext node = new NodeContext(folder.run(), connection, topics, clock);
      RunMetrics metrics = new RunMetrics(folder.run(), "run");
      try (RunControl control =
              RunControl.start(node, options.job(), "control", metrics, progress);
          LiveRun.Announced announced = live(servers, control).announce(folder.path())) {
        progress.say("control  " + control.url());
        progress.say("metrics  " + control.metricsUrl());
        RunActor.Parts parts =
            new RunActor.Parts(node, options.job(), learner, critic, folder.starts());
        PublishedWeights last = aligned(parts, broker, timer, metrics);
        try (ActiveReward reward =
            new ActiveReward(node, "report", options.job().rewards().of(node, "report"))) {
          return conclude(last, learner.initial(), reward);
        }
      }
    } finally {
      timer.shutdownNow();
      broker.ifPresent(BrokerProcess::close);
    }
  }

  /** Ends the run cleanly: the learner publishes what there is. */
  public void finish() {
    CompletableFuture<Void> unused =
        system.thenAccept(running -> running.tell(RunActor.Finish.INSTANCE));
  }

  private PublishedWeights aligned(
      RunActor.Parts parts,
      Optional<BrokerProcess> broker,
      ScheduledExecutorService timer,
      RunMetrics metrics)
      throws RunException {
    ActorSystem<RunActor.Command> started =
        ActorSystem.create(
            RunActor.create(parts, progress, outcome), "favstream", ConfigFactory.load());
    metrics.follow(started);
    system.complete(started);
    KafkaConnection connection = parts.node().connection();
    try (BrokerWatch watch = new BrokerWatch(connection, broker, progress::say, outcome)) {
      ScheduledFuture<?> ticks = timer.scheduleAtFixedRate(progress::tick, 1, 1, TimeUnit.SECONDS);
      if (!options.job().duration().isZero()) {
        ScheduledFuture<?> unused =
            timer.schedule(
                this::finish, options.job().duration().toMillis(), TimeUnit.MILLISECONDS);
      }
      PublishedWeights last = await();
      ticks.cancel(false);
      progress.tick(); // the last one, also of a run that was shorter than the first
      return last;
    } finally {
      terminate(started);
    }
  }

  private LiveRun live(String servers, RunControl control) {
    return new LiveRun(folder.run(), servers, ProcessHandle.current().pid(), control.url());
  }

  private Optional<BrokerProcess> startBroker() throws RunException {
    if (options.bootstrapServers().isPresent()) {
      return Optional.empty();
    }
    Job job = options.job();
    try {
      return Optional.of(
          BrokerProcess.start(
              job.read(config -> BrokerProcess.Settings.of(config, folder.file("broker")))));
    } catch (BrokerProcess.BrokerException e) {
      throw new RunException(Faults.describe(e), e);
    }
  }

  private PublishedWeights await() throws RunException {
    try {
      return outcome.get();
    } catch (ExecutionException e) {
      throw new RunException(
          "%s. The checkpoints are kept: --out %s --resume goes on from there"
              .formatted(Faults.describe(e), folder.path()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunException("interrupted", e);
    }
  }

  private static void terminate(ActorSystem<?> running) {
    running.terminate();
    try {
      running
          .getWhenTerminated()
          .toCompletableFuture()
          .get(TERMINATION.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      running.log().warn("the nodes did not stop within {}", TERMINATION);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Report conclude(PublishedWeights last, Weights initial, ActiveReward reward)
      throws RunException {
    progress.say("evaluating version %d, step %d".formatted(last.version(), last.step()));
    Job job = options.job();
    Checkpoint.Totals totals = progress.totals();
    RewardTimeline.Activation active = reward.activation();
    Map<String, Double> metrics;
    try (Evaluator evaluator = job.evaluator().get();
        LoadedGenerator before = load(job, initial);
        LoadedGenerator after = load(job, last.weights())) {
      if (active.number() > 0) {
        evaluator.onReward(active.number(), () -> reward.model(active));
      }
      metrics = new LinkedHashMap<>(evaluator.evaluate(after, Evaluator.Depth.FULL));
      Map<String, Double> watched = watched(after, active, reward);
      metrics.putAll(watched);
      progress.on(
          new EvaluatorActor.Event(
              new Evaluation(folder.run(), last.version(), last.step(), metrics)));
      draw(last.version(), watched, reward.timeline());
      folder.write("picture.svg", SvgPicture.of(evaluator.panels(before, after)));
    } catch (WeightsException e) {
      throw new RunException(Faults.describe(e), e);
    }
    Report report =
        new Report(
            job.name(),
            folder.run(),
            job.seed(),
            active.reward().toString(),
            last.version(),
            last.step(),
            totals.generations(),
            totals.refused(),
            new Report.Lag(
                totals.lagMax(),
                totals.groups() == 0 ? 0 : (double) totals.lagSum() / totals.groups()),
            totals.seconds(),
            metrics);
    try {
      Safetensors.of(
              last.weights(),
              Map.of(
                  "run", folder.run(),
                  "version", Long.toString(last.version()),
                  "step", Long.toString(last.step())))
          .write(folder.file("weights.safetensors"));
    } catch (IOException e) {
      throw new RunException("the last weights: " + Faults.describe(e), e);
    }
    folder.write("report.json", report.toJson() + "\n");
    return report;
  }

  /** What was watched, also when the run was started before; nothing where nothing was. */
  private void draw(long version, Map<String, Double> newest, RewardTimeline rewards)
      throws RunException {
    WatchPicture picture = new WatchPicture();
    try {
      picture.read(folder.file("metrics.jsonl"));
    } catch (IOException e) {
      progress.say("%s lacks earlier readings: %s".formatted(RunFolder.WATCH, Faults.describe(e)));
    }
    picture.add(version, newest);
    if (!picture.isEmpty()) {
      folder.write(RunFolder.WATCH, picture.svg(number -> rewards.get(number).reward().toString()));
    }
  }

  private Map<String, Double> watched(
      LoadedGenerator after, RewardTimeline.Activation active, ActiveReward reward) {
    Optional<Supplier<GoldWatch>> watched = options.job().rewards().watch();
    if (watched.isEmpty() || !reward.await(FIRST_CRITIC)) {
      return Map.of(); // nothing was watched, or the run ended before there was a critic
    }
    try (GoldWatch watch = watched.get().get()) {
      return watch.measure(after, reward.model(active), active.number());
    } catch (RuntimeException e) { // a reward's or an environment's: the report is made without it
      progress.say("the rewards could not be watched at the end: %s".formatted(Faults.describe(e)));
      return Map.of();
    }
  }

  private static LoadedGenerator load(Job job, Weights weights) throws WeightsException {
    return new LoadedGenerator(job.generator().create(), weights, job.device("evaluation.device"));
  }
}
