// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import ai.djl.Device;
import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.job.Job;
import org.favstream.learner.node.LearnerSettings;
import org.favstream.learner.regression.FixedPointRegression;
import org.favstream.protocol.Generation;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.Noise;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Scoring;
import org.favstream.protocol.StateBatch;
import org.favstream.protocol.Tensor;
import org.favstream.reward.baseline.ActionRegression;
import org.favstream.reward.baseline.Baseline;
import org.favstream.reward.baseline.FlowCloning;
import org.favstream.reward.baseline.ImplicitQ;
import org.favstream.reward.critic.CriticReward;
import org.favstream.reward.critic.CriticSession;
import org.favstream.reward.critic.ReplayBuffer;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.context.ContextRows;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.noise.NoiseSource;

/** A policy under training by one of the ways that {@link PolicyStudy} compares. */
interface StudiedPolicy extends AutoCloseable {

  /**
   * One step.
   *
   * @param states with the actions that were taken there
   * @param update how many went before
   */
  void step(StateBatch states, long update) throws WeightsException;

  /** An update of the critics, as this way has them. */
  default CriticSession.Update update(CriticSession critics) {
    return critics.update();
  }

  /** A copy of the weights. */
  Weights weights() throws WeightsException;

  @Override
  void close();

  /**
   * By name.
   *
   * @param job whose settings and seed are taken
   * @param study settings that no job has
   * @param critics under training
   * @param reward the critics as they are published
   */
  static StudiedPolicy of(
      String algorithm,
      Job job,
      Config study,
      Weights first,
      CriticSession critics,
      CriticReward reward)
      throws WeightsException {
    return algorithm.equals("fav")
        ? new Fav(job, first, reward)
        : new Imitating(algorithm, job, study, first, critics, reward);
  }

  /** What a run's sampler, reward node and learner do, in turn. */
  final class Fav implements StudiedPolicy {
    private final int particles;
    private final int mostStates;
    private final long noiseKey;
    private final CriticReward critic;
    private final LoadedGenerator sampler;
    private final FixedPointRegression regression;

    Fav(Job job, Weights first, CriticReward critic) throws WeightsException {
      this.particles = job.sampler().particlesPerContext();
      this.mostStates = job.sampler().contextsPerGroup();
      this.noiseKey = NoiseSource.key(job.seed(), "study/fav", 0);
      this.critic = critic;
      Generator policy = job.generator().create();
      LearnerSettings learner = job.read(config -> LearnerSettings.of(config, Path.of("unused")));
      this.sampler = new LoadedGenerator(policy, first, Device.cpu());
      this.regression = new FixedPointRegression(policy, learner.regression(), first, Device.cpu());
    }

    @Override
    public void step(StateBatch states, long update) throws WeightsException {
      ScoredGeneration.Scored group = group(states, update);
      float[] references = group.generation().references().orElseThrow().toArray();
      regression.step(List.of(group), references, update);
      sampler.swap(regression.weights());
    }

    private ScoredGeneration.Scored group(StateBatch states, long update) {
      int count = Math.min(mostStates, states.observations().size(0));
      int o = states.observations().size(1);
      int d = states.references().size(2);
      float[] contexts = Arrays.copyOf(states.observations().toArray(), count * o);
      float[] references = Arrays.copyOf(states.references().toArray(), count * d);
      Noise noise = new Noise(noiseKey, update);
      int rows = count * particles;
      float[] x =
          sampler.sample(
              NoiseSource.normals(noise, rows * sampler.generator().noiseSize()),
              ContextRows.repeat(contexts, o, particles));
      RewardModel.Rewards scored =
          critic.evaluate(new RewardModel.Block(count, particles, d, x, contexts, noise));
      int[] shape = {count, particles, d};
      return new ScoredGeneration.Scored(
          new Generation(
              PolicyStudy.RUN,
              new GroupId("sampler-0", 0, update),
              update,
              noise,
              Optional.of(Tensor.of(new int[] {count, o}, contexts)),
              Tensor.of(shape, x),
              Optional.of(Tensor.of(new int[] {count, 1, d}, references)),
              0),
          Scoring.by(new RewardVersion(PolicyStudy.RUN, update)),
          Tensor.of(new int[] {count, particles}, scored.values()),
          Tensor.of(shape, scored.gradients()));
    }

    @Override
    public Weights weights() throws WeightsException {
      return regression.weights();
    }

    @Override
    public void close() {
      sampler.close();
      regression.close();
    }
  }

  /** A baseline; one that needs a policy to begin with clones behaviour first. */
  final class Imitating implements StudiedPolicy {
    private final Baseline warmUp = Baseline.behaviourCloning();
    private final long warmUps;
    private final Baseline baseline;
    private final ActionRegression regression;
    private final Optional<FlowCloning> flow;
    private final Optional<ImplicitQ> implicit;
    private final long noiseKey;

    Imitating(
        String algorithm,
        Job job,
        Config study,
        Weights first,
        CriticSession critics,
        RewardModel reward)
        throws WeightsException {
      Generator policy = job.generator().create();
      Config settings = job.read(config -> config);
      double rate = settings.getDouble("learner.learning-rate.base"); // constant here
      int particles = job.sampler().particlesPerContext();
      this.noiseKey = NoiseSource.key(job.seed(), "study/baseline", 0);
      this.regression = new ActionRegression(policy, first, rate, Device.cpu());
      this.warmUps = algorithm.equals("best-of") ? study.getLong("warm-up") : 0;
      this.flow =
          algorithm.equals("fql")
              ? Optional.of(
                  new FlowCloning(
                      policy.contextSize(),
                      policy.sampleSize(),
                      job.generator().hidden(),
                      rate,
                      job.seed(),
                      Device.cpu()))
              : Optional.empty();
      this.implicit =
          algorithm.equals("iql")
              ? Optional.of(
                  new ImplicitQ(
                      critics::targetValues,
                      policy.contextSize(),
                      settings.getIntList("critic.hidden"),
                      study.getDouble("iql-expectile"),
                      settings.getDouble("critic.learning-rate"),
                      job.seed(),
                      Device.cpu()))
              : Optional.empty();
      this.baseline =
          switch (algorithm) {
            case "bc" -> Baseline.behaviourCloning();
            case "iql" ->
                Baseline.advantageWeighted(
                    implicit.orElseThrow()::advantages,
                    study.getDouble("iql-beta"),
                    study.getDouble("iql-most"));
            case "best-of" -> Baseline.bestOf(reward, particles);
            case "fql" ->
                Baseline.distilled(flow.orElseThrow(), reward, study.getDouble("fql-alpha"));
            default ->
                throw new IllegalArgumentException(
                    "no algorithm '%s': expected fav, bc, iql, best-of or fql"
                        .formatted(algorithm));
          };
    }

    @Override
    public CriticSession.Update update(CriticSession critics) {
      return implicit.map(values -> critics.update(values::nextValues)).orElseGet(critics::update);
    }

    @Override
    public void step(StateBatch states, long update) {
      Noise noise = new Noise(noiseKey, update);
      float[] none = {};
      ReplayBuffer.Batch batch =
          new ReplayBuffer.Batch(
              states.observations().size(0),
              states.observations().toArray(),
              states.references().toArray(),
              none,
              none,
              none);
      flow.ifPresent(cloning -> cloning.step(batch, noise));
      Baseline now = update < warmUps ? warmUp : baseline;
      regression.step(batch.observations(), now.of(batch, regression, noise), noise);
    }

    @Override
    public Weights weights() throws WeightsException {
      return regression.weights();
    }

    @Override
    public void close() {
      regression.close();
      flow.ifPresent(FlowCloning::close);
      implicit.ifPresent(ImplicitQ::close);
    }
  }
}
