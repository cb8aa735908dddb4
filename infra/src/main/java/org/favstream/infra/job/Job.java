// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.job;

import ai.djl.Device;
import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.config.JobConfig;
import org.favstream.actors.engine.EngineDevice;
import org.favstream.actors.engine.EngineThreads;
import org.favstream.actors.engine.TorchScriptException;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.broker.BrokerProcess;
import org.favstream.infra.http.ControlSettings;
import org.favstream.learner.intake.Flow;
import org.favstream.learner.intake.Intake;
import org.favstream.learner.node.LearnerJob;
import org.favstream.learner.node.LearnerSettings;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.TensorSpec;
import org.favstream.protocol.Topics;
import org.favstream.reward.critic.TwinCritic;
import org.favstream.reward.evaluation.Evaluator;
import org.favstream.reward.evaluation.GoldWatch;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.node.ArtifactLog;
import org.favstream.reward.node.CriticJob;
import org.favstream.reward.node.LiveCritics;
import org.favstream.reward.node.RegisteredRewards;
import org.favstream.reward.node.RewardControl;
import org.favstream.reward.node.RewardJob;
import org.favstream.reward.node.RewardSource;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.dataset.Dataset;
import org.favstream.sampler.environment.EnvironmentSource;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.node.FleetSettings;
import org.favstream.sampler.node.SamplerSettings;
import org.favstream.sampler.pretraining.Pretraining;

/**
 * A complete, checked job.
 *
 * @param config as it was given, with all defaults
 * @param name of the job
 * @param description one line
 * @param generator which one is aligned
 * @param sampler how groups are made
 * @param seed of everything that is drawn
 * @param duration how long a run lasts at most; zero for no bound
 */
public record Job(
    JobConfig config,
    String name,
    String description,
    GeneratorSettings generator,
    SamplerSettings sampler,
    long seed,
    Duration duration) {

  /**
   * Checks a configuration.
   *
   * @throws ConfigurationException where a part of it cannot be used
   */
  public static Job of(JobConfig config) {
    return config.read(
        complete -> {
          Job job =
              new Job(
                  config,
                  complete.getString("job.name"),
                  complete.getString("job.description"),
                  GeneratorSettings.of(complete),
                  SamplerSettings.of(complete),
                  complete.getLong("run.seed"),
                  complete.getDuration("run.duration"));
          job.requireSound();
          return job;
        });
  }

  private void requireSound() {
    if (!name.matches("[a-z0-9][a-z0-9-]{0,62}")) {
      throw new ConfigurationException(
          "job.name: got '%s', expected lower-case letters, digits and '-'".formatted(name));
    }
    // Everything that the roles will read, so that nothing is begun with what cannot be used.
    read(
        complete -> {
          Bounds.require(complete);
          return List.of(
              LearnerSettings.of(complete, Path.of("checkpoints")),
              ControlSettings.of(complete, "the environment's, perhaps"),
              BrokerProcess.Settings.of(complete, Path.of("broker")));
        });
    read(EngineThreads::of);
    read(Parts::requireEvaluation);
    rewardVersion();
    if (watchSettings().isPresent()) {
      goldReward();
      if (isPolicy()) {
        throw new ConfigurationException(
            "watch.gold: a policy's states come by the log, and none can be drawn to watch it with");
      }
    }
    if (isPolicy()) {
      read(
          complete -> {
            PolicyParts.requireSound(complete, generator, sampler.contextsPerGroup());
            return CriticJob.session(complete);
          });
      read(CriticJob.Settings::of);
      fleet();
    } else {
      rewardModel();
    }
    pretraining();
    topics(name);
    ContextSource contexts = contexts();
    if (contexts.contextSize() != generator.contextSize()) {
      throw new ConfigurationException(
          "generator.context-size is %d, but contexts of kind '%s' have %d numbers"
              .formatted(
                  generator.contextSize(),
                  read(complete -> complete.getString("context.kind")),
                  contexts.contextSize()));
    }
    boolean pool = read(complete -> complete.getInt("reference.pool")) > 0;
    if (!pool && generator.modules().flatMap(GeneratorSettings.Modules::features).isPresent()) {
      throw new ConfigurationException(
          "generator.features: particles are features, but references that come with contexts are none: expected reference.pool above 0");
    }
    if (pool == contexts.references() > 0) {
      throw new ConfigurationException(
          "references come either from reference.pool or with contexts (context.references): got %s"
              .formatted(pool ? "both" : "neither"));
    }
  }

  /** Whether a policy is aligned with critics that are trained beside it. */
  public boolean isPolicy() {
    return read(complete -> complete.getString("reward.kind")).equals("critic");
  }

  /** Reads a part of the configuration; what is wrong comes back naming the key. */
  public <T> T read(Function<Config, T> parser) {
    return config.read(parser);
  }

  /** Where contexts come from. */
  public ContextSource contexts() {
    return read(Parts::contexts);
  }

  /** The data to pre-train on. */
  public Dataset dataset() {
    return read(Parts::dataset);
  }

  /** Makes one reward model a worker. */
  public Supplier<RewardModel> rewardModel() {
    return read(Parts::rewardModel);
  }

  /**
   * Makes a reward model, and one of the gold reward where there is one, to see whether they can be
   * made.
   *
   * @throws ConfigurationException where it cannot
   */
  public void rewardOrRefuse() {
    if (isPolicy()) {
      return; // its critics come by the log
    }
    try {
      rewardModel().get().close();
    } catch (TorchScriptException e) {
      throw new ConfigurationException("reward.module: " + e.getMessage(), e);
    }
    if (watchSettings().isPresent()) {
      try {
        goldReward().get().close();
      } catch (TorchScriptException e) {
        throw new ConfigurationException("watch.gold.module: " + e.getMessage(), e);
      }
    }
  }

  /**
   * What the groups of a node are scored with.
   *
   * @param nodeName who scores
   */
  public RewardSource rewardSource(NodeContext node, String nodeName) {
    return new RegisteredRewards(
        rewardVersion(),
        ownReward(node, nodeName),
        new ArtifactLog(node, read(ArtifactLog.Settings::of)),
        read(complete -> complete.getString("reward.device")),
        node.clock());
  }

  /**
   * Where the run is controlled from; what the job names no token for, the environment may.
   *
   * @throws ConfigurationException where others can reach it and there is no token
   */
  public ControlSettings control() {
    String token = System.getenv(ControlSettings.TOKEN_VARIABLE);
    return read(complete -> ControlSettings.of(complete, token == null ? "" : token.strip()));
  }

  /**
   * The control of the run's rewards, which follows the log from now on.
   *
   * @param nodeName who controls
   * @param trialPatience how long a model may take to be made and to score a group
   */
  public RewardControl rewardControl(NodeContext node, String nodeName, Duration trialPatience) {
    return new RewardControl(
        node,
        nodeName,
        new RewardControl.Settings(
            rewardDefinition(),
            sampler.contextsPerGroup() * sampler.particlesPerContext(),
            read(complete -> complete.getString("reward.device")),
            trialPatience),
        () -> ownReward(node, nodeName),
        new ArtifactLog(node, read(ArtifactLog.Settings::of)));
  }

  private RewardSource ownReward(NodeContext node, String nodeName) {
    if (!isPolicy()) {
      return RewardSource.fixed(rewardVersion(), rewardModel());
    }
    return new LiveCritics(
        node,
        nodeName,
        rewardVersion().name(),
        new TwinCritic(
            generator.contextSize(),
            generator.sampleSize(),
            read(complete -> complete.getIntList("critic.hidden"))),
        device("reward.device"));
  }

  /**
   * What makes the critics' trainer.
   *
   * @param checkpoints the run's folder of checkpoints; the critics' have one of their own in it
   */
  public CriticJob critic(Path checkpoints) {
    Flow.Settings flow = read(Flow.Settings::of);
    return new CriticJob(
        read(CriticJob::session),
        read(PolicyParts::offline),
        generator.create(),
        flow.groupsPerStep(),
        (flow.maxLag() + 2L) * flow.groupsPerStep() * flow.publishEvery(),
        read(CriticJob.Settings::of),
        CriticJob.checkpoints(checkpoints.resolve("critic")),
        seed,
        device("critic.device"));
  }

  /** How the fleet goes. */
  public FleetSettings fleet() {
    return read(FleetSettings::of);
  }

  /** Where a fleet's workers get their environments. */
  public EnvironmentSource environment() {
    return read(PolicyParts::environment);
  }

  /** What scores carry. */
  public RewardVersion rewardVersion() {
    return read(
        complete ->
            new RewardVersion(
                complete.getString("reward.name"), complete.getLong("reward.version")));
  }

  /** The job's own reward, as the registry has it. */
  public RewardDefinition rewardDefinition() {
    return new RewardDefinition(
        rewardVersion(),
        "own",
        Map.of("kind", read(complete -> complete.getString("reward.kind"))),
        List.of(),
        Optional.empty(),
        generator.sampleSize(),
        generator.contextSize());
  }

  /** Makes the evaluator of a run. */
  public Supplier<Evaluator> evaluator() {
    return evaluator(Instances.drawn());
  }

  /**
   * Makes the evaluator for given instances.
   *
   * @param instances to measure on
   */
  public Supplier<Evaluator> evaluator(Instances instances) {
    return () ->
        read(
            complete ->
                Parts.evaluator(
                    complete, complete.getDouble("learner.beta"), instances, this::reference));
  }

  /** The evaluator of pre-training: against the data, without a tilt. */
  public Evaluator priorEvaluator(Supplier<LoadedGenerator> reference) {
    return read(complete -> Parts.evaluator(complete, 0, Instances.drawn(), reference));
  }

  /** How often a run is evaluated. */
  public Duration evaluateEvery() {
    return read(complete -> complete.getDuration("evaluation.every"));
  }

  /**
   * The rewards of a run, for a node.
   *
   * @param nodeName who scores
   */
  public RewardJob rewards(NodeContext node, String nodeName) {
    return new RewardJob(rewardDefinition(), () -> rewardSource(node, nodeName));
  }

  /** Makes what watches a gold reward; empty where there is none. */
  public Optional<Supplier<GoldWatch>> watch() {
    return watchSettings().map(settings -> () -> goldWatch(settings));
  }

  /** When it is time to worry; empty where there is no gold reward. */
  public Optional<GoldWatch.Settings> watchSettings() {
    return read(GoldWatch.Settings::of);
  }

  private GoldWatch goldWatch(GoldWatch.Settings settings) {
    try (LoadedGenerator reference = reference()) {
      return new GoldWatch(
          goldReward().get(),
          contexts(),
          reference,
          settings.samples(),
          read(complete -> complete.getLong("evaluation.seed")));
    }
  }

  private Supplier<RewardModel> goldReward() {
    Config keys = read(job -> job.getConfig("watch.gold"));
    try {
      Config gold = JobConfig.section("reward", keys).read(section -> section);
      return read(job -> Parts.rewardModel(job.withValue("reward", gold.root())));
    } catch (ConfigurationException e) {
      // It is read as a section reward is; who wrote it calls it by another name.
      throw new ConfigurationException(
          Faults.describe(e).replaceAll("\\breward\\.(?=[a-z])", "watch.gold."), e);
    }
  }

  private LoadedGenerator reference() {
    try {
      return new LoadedGenerator(generator.create(), initialWeights(), device("evaluation.device"));
    } catch (WeightsException e) {
      throw new ConfigurationException(Faults.describe(e), e);
    }
  }

  /** How long and how fast pre-training goes. */
  public Pretraining.Settings pretraining() {
    return read(Pretraining.Settings::of);
  }

  /**
   * Sets the engine's threads as this job has them, for the whole JVM: before anything is computed,
   * or a run cannot be replayed to the last bit.
   */
  public void useEngine() {
    EngineThreads.set(read(EngineThreads::of));
  }

  /**
   * The device that a key names.
   *
   * @throws ConfigurationException where it is not there
   */
  public Device device(String key) {
    return EngineDevice.resolve(read(complete -> complete.getString(key)));
  }

  /** What makes the learner, with its checkpoints in this folder. */
  public LearnerJob learner(Path checkpoints) {
    LearnerSettings settings = read(complete -> LearnerSettings.of(complete, checkpoints));
    ContextSource contexts = contexts();
    return new LearnerJob(
        settings,
        new Intake.Shape(
            sampler.contextsPerGroup(),
            sampler.particlesPerContext(),
            generator.sampleSize(),
            contexts.contextSize(),
            contexts.references()),
        generator.create(),
        rewardVersion(),
        weightsOrRefuse(),
        seed,
        config.sha256(),
        EngineDevice.resolve(settings.device()));
  }

  /** The connection to a cluster. */
  public KafkaConnection connection(String bootstrapServers) {
    return read(complete -> KafkaConnection.of(bootstrapServers, complete));
  }

  /** The topics of a run. */
  public Topics topics(String run) {
    return topics(run, config);
  }

  /** The topics of a run, by its configuration alone. */
  public static Topics topics(String run, JobConfig config) {
    return config.read(
        complete ->
            new Topics(
                run + ".",
                complete.getDuration("kafka.retention"),
                complete.getMemorySize("kafka.retention-bytes").toBytes()));
  }

  /**
   * The pre-trained weights.
   *
   * @throws ConfigurationException where they are missing, broken or another generator's
   */
  public Weights weightsOrRefuse() {
    try {
      return initialWeights();
    } catch (WeightsException e) {
      throw new ConfigurationException(Faults.describe(e), e);
    }
  }

  /**
   * The pre-trained weights.
   *
   * @throws WeightsException where they are missing, broken or another generator's
   */
  public Weights initialWeights() throws WeightsException {
    String place = read(complete -> complete.getString("generator.weights"));
    Generator fresh = generator.create();
    List<TensorSpec> tensors = fresh.layout().tensors();
    boolean own =
        place.isEmpty()
            && (isPolicy() || generator.family() == GeneratorSettings.Family.TORCHSCRIPT);
    try {
      return own
          ? new Weights(tensors, fresh.initialParameters(seed))
          : Parts.weights(place).toWeights(tensors);
    } catch (WeightsException e) {
      String whose = own ? "generator.module's own weights" : "generator.weights " + place;
      throw new WeightsException("%s: %s".formatted(whose, e.getMessage()), e);
    }
  }
}
