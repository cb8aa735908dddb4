// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import ai.djl.Device;
import com.typesafe.config.Config;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.learner.regression.FixedPointRegression;
import org.favstream.learner.regression.LearningRate;
import org.favstream.learner.regression.RegressionSettings;
import org.favstream.learner.regression.Tempering;
import org.favstream.learner.svgd.FloorMode;
import org.favstream.learner.svgd.VelocitySettings;
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
import org.favstream.reward.critic.CriticReward;
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

  /** A copy of the weights. */
  Weights weights() throws WeightsException;

  @Override
  void close();

  /**
   * By name.
   *
   * @param seed of all noise
   */
  static StudiedPolicy of(
      String algorithm,
      Config settings,
      Generator policy,
      Weights first,
      CriticReward critic,
      long seed)
      throws WeightsException {
    return algorithm.equals("fav")
        ? new Fav(settings, policy, first, critic, seed)
        : new Imitating(algorithm, settings, policy, first, critic, seed);
  }

  /** What a run's sampler, reward node and learner do, in turn. */
  final class Fav implements StudiedPolicy {
    private final int particles;
    private final int mostStates;
    private final long noiseKey;
    private final CriticReward critic;
    private final LoadedGenerator sampler;
    private final FixedPointRegression regression;

    Fav(Config settings, Generator policy, Weights first, CriticReward critic, long seed)
        throws WeightsException {
      this.particles = settings.getInt("particles");
      this.mostStates = settings.getInt("states");
      this.noiseKey = NoiseSource.key(seed, "study/fav", 0);
      this.critic = critic;
      this.sampler = new LoadedGenerator(policy, first, Device.cpu());
      this.regression =
          new FixedPointRegression(policy, regressionSettings(settings), first, Device.cpu());
    }

    private static RegressionSettings regressionSettings(Config settings) {
      return new RegressionSettings(
          new VelocitySettings(
              settings.getDouble("beta"),
              List.of(settings.getDouble("kde-bandwidth")),
              List.of(settings.getDouble("stein-bandwidth")),
              FloorMode.NONE,
              1),
          new Tempering(settings.getLong("tempering"), settings.getDouble("tempering-from")),
          settings.getBoolean("scott"),
          RegressionSettings.Anchor.REPLAY,
          0,
          settings.getDouble("max-velocity"),
          rate(settings),
          Adam.Settings.adam(0));
    }

    private static LearningRate rate(Config settings) {
      return new LearningRate(
          settings.getDouble("actor-rate"),
          settings.getLong("actor-decay"),
          settings.getDouble("actor-floor"));
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
    private final long noiseKey;

    Imitating(
        String algorithm,
        Config settings,
        Generator policy,
        Weights first,
        RewardModel critic,
        long seed)
        throws WeightsException {
      double rate = settings.getDouble("actor-rate");
      int particles = settings.getInt("particles");
      this.noiseKey = NoiseSource.key(seed, "study/baseline", 0);
      this.regression = new ActionRegression(policy, first, rate, Device.cpu());
      this.warmUps = algorithm.equals("best-of") ? settings.getLong("warm-up") : 0;
      this.flow =
          algorithm.equals("fql")
              ? Optional.of(
                  new FlowCloning(
                      policy.contextSize(),
                      policy.sampleSize(),
                      settings.getIntList("hidden"),
                      rate,
                      seed,
                      Device.cpu()))
              : Optional.empty();
      this.baseline =
          switch (algorithm) {
            case "bc" -> Baseline.behaviourCloning();
            case "awr" ->
                Baseline.advantageWeighted(
                    critic,
                    particles,
                    settings.getDouble("awr-beta"),
                    settings.getDouble("awr-most"));
            case "best-of" -> Baseline.bestOf(critic, particles);
            case "fql" ->
                Baseline.distilled(flow.orElseThrow(), critic, settings.getDouble("fql-alpha"));
            default ->
                throw new IllegalArgumentException(
                    "no algorithm '%s': expected fav, bc, awr, best-of or fql"
                        .formatted(algorithm));
          };
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
    }
  }
}
