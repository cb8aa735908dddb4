// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.job;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.favstream.actors.engine.EngineDevice;
import org.favstream.actors.engine.TorchScriptSource;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.weights.Safetensors;
import org.favstream.actors.weights.WeightsException;
import org.favstream.reward.evaluation.ArmEvaluator;
import org.favstream.reward.evaluation.EightGaussiansEvaluator;
import org.favstream.reward.evaluation.EpisodeEvaluator;
import org.favstream.reward.evaluation.Evaluator;
import org.favstream.reward.evaluation.ReactionEvaluator;
import org.favstream.reward.evaluation.RewardEvaluator;
import org.favstream.reward.model.BuiltinRewards;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.model.TorchScriptReward;
import org.favstream.sampler.arm.ArmHeldOut;
import org.favstream.sampler.arm.ArmSettings;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.dataset.Dataset;
import org.favstream.sampler.dataset.EightGaussians;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.reaction.ReactionContextSource;
import org.favstream.sampler.reaction.ReactionDataset;
import org.favstream.sampler.reaction.ReactionSystem;

/** The parts of a job by the kinds that its configuration names. */
final class Parts {
  private static final String CLASSPATH = "classpath:/";
  private static final String TOY = "eight-gaussians";
  static final String TORCHSCRIPT = "torchscript";
  private static final String REACTION = "reaction-control";
  private static final String ARM = "arm-tracking";
  static final String EPISODES = "episodes";
  private static final String REWARD = "reward";
  private static final List<String> EVALUATIONS = List.of(TOY, REACTION, ARM, EPISODES, REWARD);

  private Parts() {}

  private static ConfigException unknown(Config job, String key, String expected) {
    return new ConfigException.BadValue(
        job.getValue(key).origin(),
        key,
        "got '%s', expected one of %s".formatted(job.getString(key), expected));
  }

  private static List<ReactionSystem> systems(Config job) {
    return ReactionSystem.list(
        job.getIntList("context.systems").stream().mapToInt(Integer::intValue).toArray());
  }

  static ContextSource contexts(Config job) {
    return switch (job.getString("context.kind")) {
      case "none" -> ContextSource.none();
      case "reaction-control" ->
          new ReactionContextSource(systems(job), job.getInt("context.references"));
      case "replay" ->
          ContextSource.fed(job.getInt("generator.context-size"), job.getInt("context.references"));
      default -> throw unknown(job, "context.kind", "none, reaction-control, replay");
    };
  }

  static Dataset dataset(Config job) {
    return switch (job.getString("dataset.kind")) {
      case "eight-gaussians" -> new EightGaussians();
      case "reaction-control" -> new ReactionDataset(systems(job));
      default -> throw unknown(job, "dataset.kind", "eight-gaussians, reaction-control");
    };
  }

  static Supplier<RewardModel> rewardModel(Config job) {
    String kind = job.getString("reward.kind");
    if (kind.equals(TORCHSCRIPT)) {
      return torchScript(job);
    }
    if (!BuiltinRewards.KINDS.contains(kind)) {
      throw unknown(
          job,
          "reward.kind",
          "%s, %s, critic".formatted(String.join(", ", BuiltinRewards.KINDS), TORCHSCRIPT));
    }
    return BuiltinRewards.of(job.getConfig("reward"));
  }

  private static Supplier<RewardModel> torchScript(Config job) {
    if (!job.getString("reward.gradient").equals("exact")) {
      throw unknown(job, "reward.gradient", "exact, of kind torchscript");
    }
    TorchScriptSource source = TorchScriptSource.of(job, "reward.module", "reward.module-limit");
    int d = job.getInt("generator.sample-size");
    int contextSize = job.getInt("generator.context-size");
    String device = job.getString("reward.device");
    return () ->
        new TorchScriptReward(source, contextSize, EngineDevice.resolve(device)).requireFits(d);
  }

  private static ConfigException unfit(Config job, String why) {
    String key = "evaluation.kind";
    return new ConfigException.BadValue(
        job.getValue(key).origin(), key, "got '%s', %s".formatted(job.getString(key), why));
  }

  /** Refuses a kind of evaluation that there is none of, or that cannot measure this job. */
  static String requireEvaluation(Config job) {
    String kind = job.getString("evaluation.kind");
    if (!EVALUATIONS.contains(kind)) {
      throw unknown(job, "evaluation.kind", String.join(", ", EVALUATIONS));
    }
    int d = job.getInt("generator.sample-size");
    if (kind.equals(TOY) && (d != 2 || job.getInt("generator.context-size") > 0)) {
      throw unfit(job, "which measures samples of 2 numbers without contexts; take reward");
    }
    if (kind.equals(REWARD) && job.getString("reward.kind").equals("critic")) {
      throw unfit(job, "but critics are the reward of states, which are not drawn; take episodes");
    }
    return kind;
  }

  /**
   * The evaluator of a job.
   *
   * @param beta strength of the tilt to measure against
   * @param instances to measure on
   * @param reference loads the pre-trained weights, where the evaluator compares with them
   */
  static Evaluator evaluator(
      Config job, double beta, Instances instances, Supplier<LoadedGenerator> reference) {
    Config section = job.getConfig("evaluation");
    long seed = section.getLong("seed");
    return switch (requireEvaluation(job)) {
      case TOY ->
          new EightGaussiansEvaluator(
              new EightGaussiansEvaluator.Settings(
                  section.getInt("samples"),
                  section.getInt("draws"),
                  section.getInt("data"),
                  beta,
                  seed),
              BuiltinRewards.eightGaussians(job.getConfig("reward")));
      case REACTION ->
          new ReactionEvaluator(
              instances.reactions().isEmpty()
                  ? ReactionEvaluator.drawn(seed, systems(job), section.getInt("contexts"))
                  : instances.reactions(),
              seed,
              reference.get());
      case EPISODES ->
          new EpisodeEvaluator(PolicyParts.environment(job), section.getInt("contexts"), seed);
      case REWARD ->
          new RewardEvaluator(
              rewardModel(job).get(), contexts(job), section.getInt("samples"), seed);
      case ARM -> {
        ArmSettings arm = ArmSettings.of(job);
        yield new ArmEvaluator(
            instances.arms().isEmpty()
                ? ArmHeldOut.draw(arm.system(), seed, section.getInt("contexts"), arm.substeps())
                : instances.arms(),
            arm.substeps(),
            seed);
      }
      default -> throw unknown(job, "evaluation.kind", String.join(", ", EVALUATIONS));
    };
  }

  /**
   * A weights file.
   *
   * @param place a path, or {@code classpath:/…}
   */
  static Safetensors weights(String place) throws WeightsException {
    if (place.isEmpty()) {
      throw new WeightsException(
          "generator.weights is not set: give a safetensors file, or make one with favstream pretrain");
    }
    try {
      if (!place.startsWith(CLASSPATH)) {
        return Safetensors.read(Path.of(place));
      }
      try (InputStream in =
          Parts.class.getResourceAsStream(place.substring(CLASSPATH.length() - 1))) {
        if (in == null) {
          throw new WeightsException("weights %s do not come with favstream".formatted(place));
        }
        return Safetensors.read(in, place);
      }
    } catch (IOException e) {
      throw new WeightsException("weights file %s: %s".formatted(place, Faults.describe(e)), e);
    }
  }
}
