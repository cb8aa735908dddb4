// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.util.List;
import java.util.function.Supplier;
import org.favstream.actors.engine.EngineDevice;
import org.favstream.sampler.reaction.ReactionSimulator;

/**
 * The rewards that come along, by a section {@code reward} of a configuration: of a job's, or of
 * one that stands alone.
 */
public final class BuiltinRewards {
  private static final String TOY = "eight-gaussians";
  private static final String REACTION = "reaction-control";
  private static final String REMOTE = "remote";

  /** What {@code reward.kind} can be here; critics, which are trained, are made elsewhere. */
  public static final List<String> KINDS = List.of(TOY, REACTION, REMOTE);

  private BuiltinRewards() {}

  /**
   * Makes models of one kind, one a worker. All settings are checked here; what only the machine
   * that scores can know, such as its devices, is checked where a model is made.
   *
   * @param section {@code reward}, complete
   * @throws ConfigException where a value is of the wrong type, or none of those that are known
   * @throws IllegalArgumentException where a value is out of its range; both name the key
   */
  public static Supplier<RewardModel> of(Config section) {
    boolean exact = isExact(section);
    NesReward.Settings nes =
        new NesReward.Settings(section.getDouble("nes.sigma"), section.getInt("nes.samples"));
    EightGaussiansReward toy = eightGaussians(section);
    RemoteScorer.Settings remote = RemoteScorer.Settings.of(section);
    String device = section.getString("device");
    return switch (section.getString("kind")) {
      case TOY ->
          exact
              ? () -> new AutogradReward(toy, EngineDevice.resolve(device))
              : () ->
                  new NesReward(AutogradReward.asBlackBox(toy, EngineDevice.resolve(device)), nes);
      case REACTION ->
          exact
              ? () -> new ReactionReward(ReactionSimulator.JOB_TOLERANCE)
              : () -> new NesReward(ReactionReward.blackBox(ReactionSimulator.FINE_TOLERANCE), nes);
      case REMOTE -> {
        if (exact) {
          throw bad(section, "gradient", "nes: a remote scorer gives no gradients");
        }
        if (remote.url().isEmpty()) {
          throw bad(section, "remote.url", "the scorer's address, such as http://127.0.0.1:8000");
        }
        yield () -> new NesReward(new RemoteScorer(remote, remote.token(System.getenv())), nes);
      }
      default -> throw bad(section, "kind", "one of " + String.join(", ", KINDS));
    };
  }

  private static boolean isExact(Config section) {
    return switch (section.getString("gradient")) {
      case "exact" -> true;
      case "nes" -> false;
      default -> throw bad(section, "gradient", "one of exact, nes");
    };
  }

  /**
   * The toy's reward with the heights of this section, whatever kind the section names.
   *
   * @param section {@code reward}, complete
   * @throws IllegalArgumentException where there are others than 8 heights, or out of their range
   */
  public static EightGaussiansReward eightGaussians(Config section) {
    List<Double> heights = section.getDoubleList("heights");
    if (heights.isEmpty()) {
      return new EightGaussiansReward();
    }
    try {
      return new EightGaussiansReward(heights);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("reward.heights: " + e.getMessage(), e);
    }
  }

  private static ConfigException bad(Config section, String key, String expected) {
    return new ConfigException.BadValue(
        section.getValue(key).origin(),
        "reward." + key,
        "got '%s', expected %s".formatted(section.getString(key), expected));
  }
}
