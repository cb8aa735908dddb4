// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import ai.djl.Device;
import com.sun.management.OperatingSystemMXBean;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Noise;
import org.favstream.reward.critic.CriticReward;
import org.favstream.reward.critic.CriticSession;
import org.favstream.reward.critic.CriticSettings;
import org.favstream.reward.critic.RefusedTransitionsException;
import org.favstream.sampler.arm.ArmDataset;
import org.favstream.sampler.arm.ArmEvaluation;
import org.favstream.sampler.arm.ArmHeldOut;
import org.favstream.sampler.arm.ArmInstance;
import org.favstream.sampler.arm.ArmSystem;
import org.favstream.sampler.arm.ArmTargetFile;
import org.favstream.sampler.environment.TransitionSet;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.generator.PolicyGenerator;
import org.favstream.sampler.noise.NoiseSource;

/**
 * How well a policy follows targets after so many updates, offline and then online, by settings and
 * by algorithm. The critics, samplers, rewards and learner are those of a run, called in turn
 * without the log between them: the lag is 0, and what the critics learn is published every {@code
 * publish} updates. Progress is told on held-out targets; the official ones, where a folder is
 * given, are for the last line alone.
 *
 * <pre>
 * ./mvnw -ntp -q -pl infra/bench -am -DskipTests package
 * java --add-modules=jdk.incubator.vector -Dai.djl.offline=true -Dai.djl.pytorch.num_threads=1 -Xmx1g \
 *   -cp 'infra/bench/target/benchmarks.jar:infra/bench/target/lib/*' org.favstream.bench.PolicyStudy \
 *   fav|bc|awr|best-of|fql UPDATES SEED [SYSTEM] [targets=FOLDER] [key=value…]
 * </pre>
 *
 * <p>The keys, and what they are by default, stand in {@link #DEFAULTS}.
 */
public final class PolicyStudy {
  static final String RUN = "study";
  private static final int OFFICIAL_SUBSTEPS = 10;
  private static final double NANOS_PER_SECOND = 1e9;

  private static final Map<String, Object> DEFAULTS =
      Map.ofEntries(
          Map.entry("targets", ""),
          Map.entry("episodes", 400),
          Map.entry("substeps", 4),
          Map.entry("offline", 2000L), // updates before the fleet goes online
          Map.entry("copies", 4),
          Map.entry("fleet-steps", 6), // of each copy, an update
          Map.entry("control-millis", 0), // what a step of the slowest arm takes; 0 for no wait
          Map.entry("hidden", List.of(256, 256)),
          Map.entry("batch", 256),
          Map.entry("states", 128), // of the batch, for the policy
          Map.entry("capacity", 1_000_000),
          Map.entry("discount", 0.98),
          Map.entry("reward-scale", 1.0),
          Map.entry("target-rate", 0.01),
          Map.entry("aggregation", "MIN"),
          Map.entry("critic-rate", 5e-4),
          Map.entry("publish", 1),
          Map.entry("particles", 4),
          Map.entry("beta", 50.0),
          Map.entry("kde-bandwidth", 0.5),
          Map.entry("stein-bandwidth", 0.02),
          Map.entry("scott", false),
          Map.entry("max-velocity", 0.0),
          Map.entry("tempering", 0),
          Map.entry("tempering-from", 0.05),
          Map.entry("actor-rate", 1e-3),
          Map.entry("actor-decay", 6000),
          Map.entry("actor-floor", 0.1),
          Map.entry("awr-beta", 20.0),
          Map.entry("awr-most", 20.0),
          Map.entry("fql-alpha", 0.1),
          Map.entry("warm-up", 1000),
          Map.entry("every", 500),
          Map.entry("held-out", 40),
          Map.entry("held-out-seed", 1));

  private final String algorithm;
  private final long updates;
  private final long seed;
  private final ArmSystem system;
  private final Config settings;
  private final OperatingSystemMXBean process =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private PolicyStudy(
      String algorithm, long updates, long seed, ArmSystem system, Config settings) {
    this.algorithm = algorithm;
    this.updates = updates;
    this.seed = seed;
    this.system = system;
    this.settings = settings;
  }

  /** Prints a row at each check. */
  public static void main(String[] args) throws WeightsException, RefusedTransitionsException {
    String system = "great-devious-beetle";
    Config given = ConfigFactory.empty();
    for (String arg : List.of(args).subList(3, args.length)) {
      int equals = arg.indexOf('=');
      if (equals < 0) {
        system = arg;
        continue;
      }
      String key = arg.substring(0, equals);
      if (!DEFAULTS.containsKey(key)) {
        throw new IllegalArgumentException(
            "no setting '%s': expected one of %s".formatted(key, DEFAULTS.keySet()));
      }
      given = ConfigFactory.parseMap(Map.of(key, valueOf(arg, equals))).withFallback(given);
    }
    System.out.println(String.join(" ", args));
    new PolicyStudy(
            args[0],
            Long.parseLong(args[1]),
            Long.parseLong(args[2]),
            ArmSystem.of(system),
            given.withFallback(ConfigFactory.parseMap(DEFAULTS)))
        .run();
    System.exit(0); // DJL leaves threads behind
  }

  /** A list where there are commas. */
  private static Object valueOf(String arg, int equals) {
    String value = arg.substring(equals + 1);
    return value.contains(",") ? Arrays.asList(value.split(",")) : value;
  }

  private void run() throws WeightsException, RefusedTransitionsException {
    int substeps = settings.getInt("substeps");
    TransitionSet offline =
        ArmDataset.make(system, seed, settings.getInt("episodes"), substeps, made -> {});
    List<ArmInstance> heldOut =
        ArmHeldOut.draw(
            system, settings.getLong("held-out-seed"), settings.getInt("held-out"), substeps);
    int d = system.controls();
    Generator policy =
        new GeneratorSettings(
                GeneratorSettings.Family.POLICY,
                d,
                offline.observationSize(),
                d,
                settings.getIntList("hidden"),
                1)
            .create();
    Weights first = new Weights(policy.layout().tensors(), policy.initialParameters(seed));
    CriticSession.Settings critics = criticSettings();
    try (CriticSession session =
            new CriticSession(
                RUN, critics, offline, policy, first, Optional.empty(), seed, Device.cpu());
        CriticReward reward =
            new CriticReward(
                CriticSession.critic(offline, critics), session.weights(), Device.cpu());
        StudiedPolicy studied = StudiedPolicy.of(algorithm, settings, policy, first, reward, seed);
        StudyFleet fleet =
            new StudyFleet(system, settings.getInt("copies"), substeps, policy, first, seed);
        LoadedGenerator judged = new LoadedGenerator(policy, first, Device.cpu())) {
      train(session, reward, studied, fleet, judged, heldOut);
      judged.swap(studied.weights());
      printOfficial(judged);
    }
  }

  private CriticSession.Settings criticSettings() {
    return new CriticSession.Settings(
        new CriticSettings(
            settings.getDouble("discount"),
            settings.getDouble("reward-scale"),
            settings.getDouble("target-rate"),
            settings.getEnum(CriticSettings.Aggregation.class, "aggregation"),
            settings.getDouble("critic-rate")),
        settings.getIntList("hidden"),
        settings.getInt("batch"),
        settings.getInt("batch"), // each algorithm takes what it needs
        settings.getInt("capacity"),
        Map.of());
  }

  private void train(
      CriticSession session,
      CriticReward reward,
      StudiedPolicy studied,
      StudyFleet fleet,
      LoadedGenerator judged,
      List<ArmInstance> heldOut)
      throws WeightsException, RefusedTransitionsException {
    long begun = process.getProcessCpuTime();
    long judging = 0;
    long begunWall = System.nanoTime();
    long judgingWall = 0;
    for (long update = 0; update < updates; update++) {
      CriticSession.Update made = session.update();
      if (update % settings.getLong("publish") == 0) {
        reward.swap(session.weights());
      }
      studied.step(made.states(), update);
      Weights weights = studied.weights();
      session.swapPolicy(weights);
      if (update >= settings.getLong("offline")) {
        fleet.offer(weights);
        long live = System.nanoTime();
        fleet.live(settings.getInt("fleet-steps"), session);
        awaitSlowest(live);
      }
      if ((update + 1) % settings.getLong("every") == 0) {
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
            judgement(heldOut, judged, settings.getInt("substeps")),
            made.outcome().meanValue(),
            made.outcome().loss(),
            session.transitions());
        judging += process.getProcessCpuTime() - before;
        judgingWall += System.nanoTime() - beforeWall;
      }
    }
  }

  /** All arms have done their steps: in one loop the slowest is waited for. */
  private void awaitSlowest(long begun) {
    long until =
        begun
            + settings.getLong("fleet-steps")
                * TimeUnit.MILLISECONDS.toNanos(settings.getLong("control-millis"));
    for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private void printOfficial(LoadedGenerator judged) {
    if (settings.getString("targets").isEmpty()) {
      return;
    }
    List<ArmInstance> official =
        ArmTargetFile.read(Path.of(settings.getString("targets"))).stream()
            .filter(instance -> instance.system() == system)
            .toList();
    System.out.printf(
        "%d official targets  %s%n",
        official.size(), judgement(official, judged, OFFICIAL_SUBSTEPS));
  }

  /** Of one draw of the policy, as it acts in a fleet, and of its action at noise 0. */
  private static String judgement(
      List<ArmInstance> instances, LoadedGenerator policy, int substeps) {
    int perStep = instances.size() * policy.generator().noiseSize();
    long key = NoiseSource.key(1, "study/judge", 0);
    long[] step = {0};
    ArmEvaluation drawn =
        ArmEvaluation.of(
            instances,
            seen -> {
              Noise noise = new Noise(key, step[0]++);
              return PolicyGenerator.actions(
                  policy.sample(NoiseSource.normals(noise, perStep), seen));
            },
            substeps);
    ArmEvaluation still =
        ArmEvaluation.of(
            instances,
            seen -> PolicyGenerator.actions(policy.sample(new float[perStep], seen)),
            substeps);
    return String.format(
        Locale.ROOT,
        "score %6.2f (median %6.2f)  rmse %.3f m  at noise 0: %6.2f, %.3f m",
        drawn.score().orElse(Double.NaN),
        median(drawn),
        drawn.rmse(),
        still.score().orElse(Double.NaN),
        still.rmse());
  }

  private static double median(ArmEvaluation evaluation) {
    double[] scores =
        evaluation.outcomes().stream()
            .map(ArmEvaluation.Outcome::score)
            .filter(OptionalDouble::isPresent)
            .mapToDouble(OptionalDouble::getAsDouble)
            .sorted()
            .toArray();
    return scores.length == 0 ? Double.NaN : scores[scores.length / 2];
  }
}
