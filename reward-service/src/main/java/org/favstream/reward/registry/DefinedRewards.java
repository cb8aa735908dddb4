// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.registry;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.favstream.actors.config.JobConfig;
import org.favstream.actors.engine.EngineDevice;
import org.favstream.actors.engine.TorchScriptSource;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.model.Aggregate;
import org.favstream.reward.model.BuiltinRewards;
import org.favstream.reward.model.EnsembleReward;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.model.RewardModelException;
import org.favstream.reward.model.TorchScriptReward;
import org.favstream.reward.model.WeightedSumReward;

/**
 * The kinds of rewards that can be added:
 *
 * <pre>
 * own          the job's own reward, also where that is a policy's critic
 * builtin      one that comes along, by the settings of section reward
 * remote       a scorer behind HTTP, by the same settings
 * torchscript  a module, by its file
 * ensemble     the members' mean, least or lower bound: setting aggregate
 * sum          the members' weighted sum
 * </pre>
 */
public final class DefinedRewards implements RewardModels {
  private static final String SECTION = "reward";

  /** What the names of variables begin with whose values a reward may send out. */
  private static final String TOKENS = "FAVSTREAM_SCORER_";

  private final Supplier<RewardModel> own;
  private final Function<RewardVersion, Optional<RewardDefinition>> definitions;
  private final Function<RewardDefinition.Artifact, Path> files;
  private final String device;

  /**
   * Makes nothing yet.
   *
   * @param own makes the job's own reward
   * @param definitions of the members of ensembles and sums
   * @param files where the file of a reward is, verified
   * @param device where rewards compute that name none
   */
  public DefinedRewards(
      Supplier<RewardModel> own,
      Function<RewardVersion, Optional<RewardDefinition>> definitions,
      Function<RewardDefinition.Artifact, Path> files,
      String device) {
    this.own = own;
    this.definitions = definitions;
    this.files = files;
    this.device = device;
  }

  @Override
  public RewardModel open(RewardDefinition definition) {
    return switch (definition.kind()) {
      case "own" -> own.get();
      case "builtin" -> builtin(definition, List.of());
      case "remote" -> builtin(definition, List.of("kind=remote", "gradient=nes"));
      case "torchscript" -> torchScript(definition);
      case "ensemble" -> ensemble(definition);
      case "sum" -> sum(definition);
      default ->
          throw new RewardModelException(
              "%s is of kind '%s', which this build does not know"
                  .formatted(definition.reward(), definition.kind()));
    };
  }

  private RewardModel builtin(RewardDefinition definition, List<String> fixed) {
    JobConfig settings = settings(definition, fixed);
    requireTokenOfAScorer(settings.read(section -> section.getString("remote.token-env")));
    return settings.read(BuiltinRewards::of).get();
  }

  /** Whoever adds a reward says where its requests go: not with any secret of the nodes. */
  private static void requireTokenOfAScorer(String variable) {
    if (!variable.isEmpty() && !variable.startsWith(TOKENS)) {
      throw new RewardModelException(
          "reward.remote.token-env: got '%s', expected a name that begins with %s: a reward that is added to a run is given no other variable; start the nodes with the scorer's token under such a name"
              .formatted(variable, TOKENS));
    }
  }

  private JobConfig settings(RewardDefinition definition, List<String> fixed) {
    List<String> overrides = new ArrayList<>(List.of("device=" + device));
    definition.settings().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(setting -> overrides.add(setting.getKey() + "=" + setting.getValue()));
    overrides.addAll(fixed);
    return JobConfig.section(SECTION, overrides);
  }

  private RewardModel torchScript(RewardDefinition definition) {
    RewardDefinition.Artifact artifact =
        definition
            .artifact()
            .orElseThrow(
                () -> new RewardModelException(definition.reward() + " comes without its file"));
    String where = settings(definition, List.of()).read(section -> section.getString("device"));
    return new TorchScriptReward(
            TorchScriptSource.file(files.apply(artifact), artifact.sha256(), artifact.size()),
            definition.contextSize(),
            EngineDevice.resolve(where))
        .requireFits(definition.particleSize());
  }

  private RewardModel ensemble(RewardDefinition definition) {
    Aggregate aggregate = Aggregate.parse(definition.settings().getOrDefault("aggregate", "mean"));
    return new EnsembleReward(members(definition), aggregate);
  }

  private RewardModel sum(RewardDefinition definition) {
    List<RewardModel> models = members(definition);
    List<WeightedSumReward.Term> terms = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      RewardDefinition.Term term = definition.terms().get(i);
      terms.add(new WeightedSumReward.Term(term.reward().toString(), term.weight(), models.get(i)));
    }
    return new WeightedSumReward(terms);
  }

  /** All members, or none: those that were made are closed where one cannot be. */
  private List<RewardModel> members(RewardDefinition definition) {
    List<RewardModel> members = new ArrayList<>();
    try {
      for (RewardDefinition.Term term : definition.terms()) {
        members.add(
            open(
                definitions
                    .apply(term.reward())
                    .orElseThrow(
                        () ->
                            new RewardModelException(
                                "%s needs %s, which is not there"
                                    .formatted(definition.reward(), term.reward())))));
      }
      return members;
    } catch (RuntimeException | LinkageError e) {
      members.forEach(RewardModel::close);
      throw e;
    }
  }
}
