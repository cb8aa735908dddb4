// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.job;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.config.JobConfig;
import org.favstream.actors.engine.TorchScriptException;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.critic.TwinCritic;
import org.favstream.reward.evaluation.EpisodeEvaluator;
import org.favstream.reward.evaluation.GoldWatch;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.node.ArtifactLog;
import org.favstream.reward.node.LiveCritics;
import org.favstream.reward.node.RegisteredRewards;
import org.favstream.reward.node.RewardControl;
import org.favstream.reward.node.RewardJob;
import org.favstream.reward.node.RewardSource;
import org.favstream.sampler.environment.RecordedStates;
import org.favstream.sampler.generator.LoadedGenerator;

/** What a job is aligned with: its own reward, those of its registry, and the gold one. */
public final class JobRewards {
  private final Job job;

  JobRewards(Job job) {
    this.job = job;
  }

  void requireSound() {
    version();
    if (watchSettings().isPresent()) {
      gold();
    }
    if (!job.isPolicy()) {
      model();
    }
  }

  /** What scores by the job's own reward carry. */
  public RewardVersion version() {
    return job.read(
        complete ->
            new RewardVersion(
                complete.getString("reward.name"), complete.getLong("reward.version")));
  }

  /** The job's own reward, as the registry has it. */
  public RewardDefinition definition() {
    return new RewardDefinition(
        version(),
        "own",
        Map.of("kind", job.read(complete -> complete.getString("reward.kind"))),
        List.of(),
        Optional.empty(),
        job.generator().sampleSize(),
        job.generator().contextSize());
  }

  /** Makes one model of the job's own reward a worker. */
  public Supplier<RewardModel> model() {
    return job.read(Parts::rewardModel);
  }

  /**
   * Makes a reward model, and one of the gold reward where there is one, to see whether they can be
   * made.
   *
   * @throws ConfigurationException where it cannot
   */
  public void makeOrRefuse() {
    try {
      if (!job.isPolicy()) { // whose critics come by the log
        model().get().close();
      }
    } catch (TorchScriptException e) {
      throw new ConfigurationException("reward.module: " + e.getMessage(), e);
    }
    if (watchSettings().isPresent()) {
      try {
        gold().get().close();
      } catch (TorchScriptException e) {
        throw new ConfigurationException("watch.gold.module: " + e.getMessage(), e);
      }
    }
  }

  /**
   * The rewards of a run, for a node.
   *
   * @param nodeName who scores
   */
  public RewardJob of(NodeContext node, String nodeName) {
    return new RewardJob(
        definition(),
        () ->
            new RegisteredRewards(
                version(), own(node, nodeName), files(node), device(), node.clock()));
  }

  /**
   * The control of the run's rewards, which follows the log from now on.
   *
   * @param nodeName who controls
   * @param trialPatience how long a model may take to be made and to score a group
   */
  public RewardControl control(NodeContext node, String nodeName, Duration trialPatience) {
    return new RewardControl(
        node,
        nodeName,
        new RewardControl.Settings(
            definition(),
            job.sampler().contextsPerGroup() * job.sampler().particlesPerContext(),
            device(),
            trialPatience),
        () -> own(node, nodeName),
        files(node));
  }

  private String device() {
    return job.read(complete -> complete.getString("reward.device"));
  }

  private ArtifactLog files(NodeContext node) {
    return new ArtifactLog(node, job.read(ArtifactLog.Settings::of));
  }

  private RewardSource own(NodeContext node, String nodeName) {
    if (!job.isPolicy()) {
      return RewardSource.fixed(version(), model());
    }
    return new LiveCritics(
        node,
        nodeName,
        version().name(),
        new TwinCritic(
            job.generator().contextSize(),
            job.generator().sampleSize(),
            job.read(complete -> complete.getIntList("critic.hidden"))),
        job.device("reward.device"));
  }

  /** Makes what watches a gold reward; empty where there is none. */
  public Optional<Supplier<GoldWatch>> watch() {
    return watchSettings().map(settings -> () -> watch(settings));
  }

  /** When it is time to worry; empty where there is no gold reward. */
  public Optional<GoldWatch.Settings> watchSettings() {
    return job.read(GoldWatch.Settings::of);
  }

  private GoldWatch watch(GoldWatch.Settings settings) {
    long seed = seed();
    if (job.isPolicy()) {
      RecordedStates states = new RecordedStates(job.read(PolicyParts::offline));
      return GoldWatch.ofPolicy(gold().get(), states, settings.samples(), seed);
    }
    try (LoadedGenerator reference = job.reference()) {
      return GoldWatch.of(gold().get(), job.contexts(), reference, settings.samples(), seed);
    }
  }

  private long seed() {
    return job.read(complete -> complete.getLong("evaluation.seed"));
  }

  private Supplier<GoldWatch.Gold> gold() {
    Config keys = job.read(complete -> complete.getConfig("watch.gold"));
    String kind = keys.hasPath("kind") ? keys.getString("kind") : "";
    if (kind.equals(Parts.EPISODES)) {
      return episodes(keys);
    }
    if (job.isPolicy() && !kind.equals(Parts.TORCHSCRIPT)) {
      throw new ConfigurationException(
          "watch.gold: got %s, expected kind episodes or torchscript of a policy"
              .formatted(keys.root().render(ConfigRenderOptions.concise())));
    }
    try {
      Config gold = JobConfig.section("reward", keys).read(section -> section);
      Supplier<RewardModel> model =
          job.read(complete -> Parts.rewardModel(complete.withValue("reward", gold.root())));
      return () -> GoldWatch.Gold.of(model.get());
    } catch (ConfigurationException e) {
      throw new ConfigurationException(
          "watch.gold, which has the keys of section reward: " + e.getMessage(), e);
    }
  }

  /** What a policy really gets. */
  private Supplier<GoldWatch.Gold> episodes(Config keys) {
    if (keys.root().size() > 1) {
      throw new ConfigurationException(
          "watch.gold: kind episodes has no other keys, got %s; how many is watch.episodes"
              .formatted(keys.root().keySet()));
    }
    if (!job.isPolicy()) {
      throw new ConfigurationException(
          "watch.gold: got kind episodes, but only a policy has episodes: expected a reward");
    }
    return () -> {
      int count = watchSettings().orElseThrow().episodes();
      EpisodeEvaluator evaluator =
          new EpisodeEvaluator(job.read(PolicyParts::environment), count, seed());
      return (generator, block) -> evaluator.returns(generator);
    };
  }
}
