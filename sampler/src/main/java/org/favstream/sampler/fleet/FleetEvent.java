// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import org.favstream.protocol.Transitions;

/** What a worker tells whoever watches. */
public sealed interface FleetEvent {

  /** Which worker. */
  String worker();

  /**
   * An episode is over.
   *
   * @param sumOfRewards its return, not discounted
   * @param steps how many it had, at least 1
   * @param weightsVersion of the policy that acted
   * @param ending how it ended
   */
  record EpisodeEnded(
      String worker,
      double sumOfRewards,
      long steps,
      long weightsVersion,
      Transitions.Ending ending)
      implements FleetEvent {}

  /**
   * Inference was late, and the arms did without it.
   *
   * @param count how many steps there were of that kind since the worker's start
   */
  record DeadlineMissed(String worker, long count) implements FleetEvent {}

  /**
   * A policy gave an action with a NaN or an infinity in it, and the arm stood still for a step.
   *
   * @param weightsVersion of the policy
   * @param episode in which
   */
  record ActionRefused(String worker, long weightsVersion, String episode) implements FleetEvent {}

  /**
   * The environment is gone, and with it every running episode; it is opened anew.
   *
   * @param reason for people
   */
  record EnvironmentLost(String worker, String reason) implements FleetEvent {}

  /**
   * Weights do not fit the policy; the worker keeps those that it has.
   *
   * @param weightsVersion which
   * @param reason for people
   */
  record WeightsRefused(String worker, long weightsVersion, String reason) implements FleetEvent {}
}
