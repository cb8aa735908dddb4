// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.favstream.sampler.arm.ArmSystem.EPISODE_STEPS;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.favstream.sampler.environment.Environment.Step;

/**
 * A policy in closed loop on targets, all at once.
 *
 * @param outcomes one a target, in their order
 */
public record ArmEvaluation(List<Outcome> outcomes) {

  /**
   * What became of one target.
   *
   * @param name of the instance
   * @param deviation root mean square distance from the target, in m
   * @param control root mean square size of the control
   * @param score the competition's, where the baselines are known
   * @param tracked {@code (EPISODE_STEPS + 1, 2)}, row-major: the way of the end effector, in m
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never shared
  public record Outcome(
      String name, double deviation, double control, OptionalDouble score, double[] tracked) {}

  public ArmEvaluation {
    outcomes = List.copyOf(outcomes);
  }

  /**
   * Lets a policy follow targets.
   *
   * @param instances of one system, at least one
   * @param policy what is measured
   * @param substeps Runge-Kutta steps a control step
   */
  public static ArmEvaluation of(List<ArmInstance> instances, ArmPolicy policy, int substeps) {
    ArmSystem system = instances.get(0).system();
    ArmEnvironment arms = new ArmEnvironment(system, instances.size(), substeps);
    List<Course> courses = new ArrayList<>();
    int size = arms.spec().observationSize();
    float[] observations = new float[instances.size() * size];
    for (int copy = 0; copy < instances.size(); copy++) {
      ArmInstance instance = instances.get(copy);
      if (instance.system() != system) {
        throw new IllegalArgumentException(
            "targets of %s and of %s in one evaluation".formatted(system, instance.system()));
      }
      float[] first = arms.reset(copy, instance.target());
      System.arraycopy(first, 0, observations, copy * size, size);
      courses.add(new Course(instance));
      arms.writeEnd(copy, courses.get(copy).tracked, 0);
    }
    for (int t = 1; t <= EPISODE_STEPS; t++) {
      float[] actions = policy.act(observations);
      Step step = arms.step(actions);
      observations = step.observations();
      for (int copy = 0; copy < instances.size(); copy++) {
        Course course = courses.get(copy);
        arms.writeEnd(copy, course.tracked, 2 * t);
        course.addControl(actions, copy);
      }
    }
    return new ArmEvaluation(courses.stream().map(Course::outcome).toList());
  }

  /** Root of the mean over targets of the mean square distance, in m. */
  public double rmse() {
    return Math.sqrt(
        outcomes.stream()
            .mapToDouble(outcome -> outcome.deviation * outcome.deviation)
            .average()
            .orElseThrow());
  }

  /** Mean of the scores; empty unless every target has one. */
  public OptionalDouble score() {
    return outcomes.stream().allMatch(outcome -> outcome.score.isPresent())
        ? outcomes.stream().mapToDouble(outcome -> outcome.score.orElseThrow()).average()
        : OptionalDouble.empty();
  }

  /** What is gathered of one target. */
  private static final class Course {
    final double[] tracked = new double[2 * (EPISODE_STEPS + 1)];
    private final ArmInstance instance;
    private double controlSquares;

    Course(ArmInstance instance) {
      this.instance = instance;
    }

    void addControl(float[] actions, int copy) {
      int controls = instance.system().controls();
      for (int k = 0; k < controls; k++) {
        double action = Math.max(-1, Math.min(1, actions[copy * controls + k]));
        double control = instance.system().actionBound() * action;
        controlSquares += control * control;
      }
    }

    Outcome outcome() {
      double[] path = instance.target().path();
      double squares = 0;
      for (int at = 0; at < path.length; at++) {
        squares += (path[at] - tracked[at]) * (path[at] - tracked[at]);
      }
      double deviation = Math.sqrt(squares / (EPISODE_STEPS + 1));
      double control = Math.sqrt(controlSquares / (EPISODE_STEPS + 1));
      OptionalDouble score =
          instance.baselines().isPresent()
              ? OptionalDouble.of(instance.baselines().get().score(deviation, control))
              : OptionalDouble.empty();
      return new Outcome(instance.name(), deviation, control, score, tracked);
    }
  }
}
