// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import ai.djl.Device;
import com.sun.management.OperatingSystemMXBean;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import org.favstream.reward.critic.CriticReward;
import org.favstream.reward.critic.CriticSession;
import org.favstream.reward.critic.RefusedTransitionsException;
import org.favstream.reward.evaluation.ArmEvaluator;
import org.favstream.reward.evaluation.Evaluator;
import org.favstream.reward.node.CriticJob;
import org.favstream.sampler.arm.ArmInstance;
import org.favstream.sampler.arm.ArmSettings;
import org.favstream.sampler.arm.ArmSystem;
import org.favstream.sampler.arm.ArmTargetFile;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.LoadedGenerator;

/**
 * How well a policy does after so many updates, offline and then online, by settings and by
 * algorithm. The critics, samplers, rewards, learner and fleet are those of a run, called in turn
 * without the log between them: the lag is 0, and what the critics learn is published every {@code
 * publish} updates. Progress is told by the job's own evaluation, on held-out targets or episodes;
 * the arm's official targets, where a folder is given, are for the last line alone.
 *
 * <pre>
 * ./mvnw -ntp -q -pl infra/bench -am -DskipTests package
 * java --add-modules=jdk.incubator.vector -Dai.djl.offline=true -Dai.djl.pytorch.num_threads=1 -Xmx1g \
 *   -Dfavstream.environments=infra/target/dist/environments \
 *   -cp 'infra/bench/target/benchmarks.jar:infra/bench/target/lib/*' org.favstream.bench.PolicyStudy \
 *   fav|bc|iql|best-of|fql UPDATES SEED [JOB] [targets=FOLDER] [key=value…]
 * </pre>
 *
 * <p>JOB is {@code arm-tracking} or {@code mujoco-reacher}. A key with a dot in it is the job's;
 * the others, and what they are by default, stand in {@link #DEFAULTS}.
 */
public final class PolicyStudy {
  static final String RUN = "study";
  private static final int OFFICIAL_SUBSTEPS = 10;
  private static final double NANOS_PER_SECOND = 1e9;

  private static final Map<String, Object> DEFAULTS =
      Map.of(
          "targets",
          "",
          "publish",
          1, // updates a version of the critics
          "fleet-steps",
          6, // of each copy, an update
          "control-millis",
          0, // what a step of the slowest copy takes; 0 for no wait
          "every",
          500, // updates a check
          "iql-expectile",
          0.7,
          "iql-beta",
          20.0,
          "iql-most",
          100.0,
          "fql-alpha",
          0.1,
          "warm-up",
          1000); // updates of cloning, before the best of n

  private final String algorithm;
  private final long updates;
  private final Job job;
  private final Config study;
  private final OperatingSystemMXBean process =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private PolicyStudy(String algorithm, long updates, Job job, Config study) {
    this.algorithm = algorithm;
    this.updates = updates;
    this.job = job;
    this.study = study;
  }

  /** Prints a row at each check. */
  public static void main(String[] args) throws Exception {
    String name = "arm-tracking";
    Map<String, Object> given = new HashMap<>();
    List<String> ofJob = new ArrayList<>(List.of("run.seed=" + args[2]));
    for (String arg : List.of(args).subList(3, args.length)) {
      int equals = arg.indexOf('=');
      if (equals < 0) {
        name = arg;
      } else if (arg.substring(0, equals).contains(".")) {
        ofJob.add(arg);
      } else {
        given.put(arg.substring(0, equals), arg.substring(equals + 1));
      }
    }
    if (!DEFAULTS.keySet().containsAll(given.keySet())) {
      throw new IllegalArgumentException(
          "no such setting in %s: expected some of %s, or a job's key, which has a dot"
              .formatted(given.keySet(), DEFAULTS.keySet()));
    }
    System.out.println(String.join(" ", args));
    new PolicyStudy(
            args[0],
            Long.parseLong(args[1]),
            JobCatalog.load(name, ofJob),
            ConfigFactory.parseMap(given).withFallback(ConfigFactory.parseMap(DEFAULTS)))
        .run();
    System.exit(0); // DJL leaves threads behind
  }

  private void run()
      throws WeightsException,
          RefusedTransitionsException,
          EnvironmentException,
          InterruptedException {
    CriticJob made = job.critic(Path.of("unused"));
    CriticSession.Settings critics = wholeBatches(made.session());
    Weights first = job.initialWeights();
    Generator policy = made.policy();
    try (CriticSession session =
            new CriticSession(
                RUN,
                critics,
                made.offline(),
                policy,
                first,
                Optional.empty(),
                job.seed(),
                Device.cpu());
        CriticReward reward =
            new CriticReward(
                CriticSession.critic(made.offline(), critics), session.weights(), Device.cpu());
        StudiedPolicy studied = StudiedPolicy.of(algorithm, job, study, first, session, reward);
        StudyFleet fleet = new StudyFleet(job, first, study.getInt("fleet-steps"), session);
        LoadedGenerator judged = new LoadedGenerator(policy, first, Device.cpu());
        Evaluator heldOut = job.evaluator().get()) {
      System.out.println("  before  " + judgement(heldOut, judged));
      train(session, reward, studied, fleet, judged, heldOut);
      judged.swap(studied.weights());
      printOfficial(judged);
    }
  }

  /** Each algorithm takes what it needs of the states. */
  private static CriticSession.Settings wholeBatches(CriticSession.Settings settings) {
    return new CriticSession.Settings(
        settings.settings(),
        settings.hidden(),
        settings.batch(),
        settings.batch(),
        settings.capacity(),
        settings.sourceWeights());
  }

  private void train(
      CriticSession session,
      CriticReward reward,
      StudiedPolicy studied,
      StudyFleet fleet,
      LoadedGenerator judged,
      Evaluator heldOut)
      throws WeightsException, EnvironmentException, InterruptedException {
    long online = job.fleet().beginAtStep();
    long begun = process.getProcessCpuTime();
    long judging = 0;
    long begunWall = System.nanoTime();
    long judgingWall = 0;
    for (long update = 0; update < updates; update++) {
      CriticSession.Update made = studied.update(session);
      if (update % study.getLong("publish") == 0) {
        reward.swap(session.weights());
      }
      studied.step(made.states(), update);
      Weights weights = studied.weights();
      session.swapPolicy(weights);
      if (update >= online) {
        fleet.offer(weights);
        long live = System.nanoTime();
        fleet.live(study.getInt("fleet-steps"));
        awaitSlowest(live);
      }
      if ((update + 1) % study.getLong("every") == 0) {
        long before = process.getProcessCpuTime();
        long beforeWall = System.nanoTime();
        judged.swap(weights);
        double seconds = (before - begun - judging) / NANOS_PER_SECOND;
        System.out.printf(
            Locale.ROOT,
            "%6d updates  %6.1f CPU s (%.1f ms)  %6.1f s  %s  Q %.2f  loss %.4f  transitions %d%n",
            update + 1,
            seconds,
            1000 * seconds / (update + 1),
            (beforeWall - begunWall - judgingWall) / NANOS_PER_SECOND,
            judgement(heldOut, judged),
            made.outcome().meanValue(),
            made.outcome().loss(),
            session.transitions());
        judging += process.getProcessCpuTime() - before;
        judgingWall += System.nanoTime() - beforeWall;
      }
    }
  }

  /** All copies have done their steps: in one loop the slowest is waited for. */
  private void awaitSlowest(long begun) {
    long until =
        begun
            + study.getLong("fleet-steps")
                * TimeUnit.MILLISECONDS.toNanos(study.getLong("control-millis"));
    for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private void printOfficial(LoadedGenerator judged) {
    if (study.getString("targets").isEmpty()) {
      return;
    }
    ArmSystem system = job.read(ArmSettings::of).system();
    List<ArmInstance> official =
        ArmTargetFile.read(Path.of(study.getString("targets"))).stream()
            .filter(instance -> instance.system() == system)
            .toList();
    System.out.printf(
        "%d official targets  %s%n",
        official.size(),
        judgement(
            new ArmEvaluator(
                official,
                OFFICIAL_SUBSTEPS,
                job.read(complete -> complete.getLong("evaluation.seed"))),
            judged));
  }

  private static String judgement(Evaluator evaluator, LoadedGenerator policy) {
    return evaluator.evaluate(policy, Evaluator.Depth.FULL).entrySet().stream()
        .map(metric -> String.format(Locale.ROOT, "%s %.3f", metric.getKey(), metric.getValue()))
        .collect(Collectors.joining("  "));
  }
}
