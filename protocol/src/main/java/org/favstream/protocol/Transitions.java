// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.util.OptionalLong;

/**
 * Consecutive steps of one episode, by a policy or a person.
 *
 * @param run the run's id
 * @param environment the task's name
 * @param source who acted: {@code fleet}, or a kind and a name, such as {@code human:alice}
 * @param episode unlike any other episode's of the source
 * @param firstStep number of the first of these steps in the episode
 * @param weightsVersion the policy that acted; empty for a person
 * @param observations {@code (steps + 1, o)}: before each step, and after the last one
 * @param actions {@code (steps, a)}, in {@code [-1, 1]}
 * @param rewards {@code (steps)}
 * @param ending how the episode ended with the last step
 * @param reason why it was lost; empty otherwise
 */
public record Transitions(
    String run,
    String environment,
    String source,
    String episode,
    long firstStep,
    OptionalLong weightsVersion,
    Tensor observations,
    Tensor actions,
    Tensor rewards,
    Ending ending,
    String reason) {

  /** How an episode ends. */
  public enum Ending {
    /** It goes on. */
    NONE,
    /** In a state without a future. */
    TERMINATED,
    /** It was only cut. */
    TRUNCATED,
    /** The environment was lost after the last step; to a learner it was cut there. */
    LOST
  }

  public Transitions {
    Fields.notBlank("run", run);
    Fields.notBlank("environment", environment);
    Fields.notBlank("source", source);
    Fields.notBlank("episode", episode);
    Fields.notNegative("firstStep", firstStep);
    weightsVersion.ifPresent(version -> Fields.notNegative("weightsVersion", version));
    Fields.rank("observations", observations, 2);
    Fields.rank("actions", actions, 2);
    Fields.rank("rewards", rewards, 1);
    int steps = rewards.size(0);
    if (actions.size(0) != steps || observations.size(0) != steps + 1) {
      throw new IllegalArgumentException(
          "%d rewards beside actions %s and observations %s, which must be one more"
              .formatted(steps, actions, observations));
    }
  }

  /** How many steps. */
  public int steps() {
    return rewards.size(0);
  }

  /** What kind of source it is: all before the colon. */
  public String sourceKind() {
    int colon = source.indexOf(':');
    return colon < 0 ? source : source.substring(0, colon);
  }
}
