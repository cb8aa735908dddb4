// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.job;

import ai.djl.Device;
import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.config.JobConfig;
import org.favstream.actors.engine.EngineDevice;
import org.favstream.actors.engine.EngineThreads;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.broker.BrokerProcess;
import org.favstream.infra.http.ControlSettings;
import org.favstream.learner.intake.Flow;
import org.favstream.learner.intake.Intake;
import org.favstream.learner.node.LearnerJob;
import org.favstream.learner.node.LearnerSettings;
import org.favstream.protocol.TensorSpec;
import org.favstream.protocol.Topics;
import org.favstream.reward.evaluation.Evaluator;
import org.favstream.reward.node.CriticJob;
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
              ControlSettings.of(complete, "control.port", "the environment's, perhaps"),
              ControlSettings.of(complete, "metrics.port", "the environment's, perhaps"),
              BrokerProcess.Settings.of(complete, Path.of("broker")));
        });
    read(EngineThreads::of);
    read(Parts::requireEvaluation);
    rewards().requireSound();
    if (isPolicy()) {
      read(
          complete -> {
            PolicyParts.requireSound(complete, generator, sampler.contextsPerGroup());
            return CriticJob.session(complete);
          });
      read(CriticJob.Settings::of);
      fleet();
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

  /** What it is aligned with. */
  public JobRewards rewards() {
    return new JobRewards(this);
  }

  /**
   * Where the run is controlled from; what the job names no token for, the environment may.
   *
   * @throws ConfigurationException where others can reach it and there is no token
   */
  public ControlSettings control() {
    return server("control.port");
  }

  /**
   * Where the metrics of a node are read, by whom the control lets in.
   *
   * @throws ConfigurationException where others can reach it and there is no token
   */
  public ControlSettings metrics() {
    return server("metrics.port");
  }

  private ControlSettings server(String portKey) {
    String token = System.getenv(ControlSettings.TOKEN_VARIABLE);
    return read(
        complete -> ControlSettings.of(complete, portKey, token == null ? "" : token.strip()));
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

  /** The pre-trained generator, on the evaluation's device. */
  LoadedGenerator reference() {
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
        rewards().version(),
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
