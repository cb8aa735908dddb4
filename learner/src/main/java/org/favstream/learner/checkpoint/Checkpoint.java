// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.weights.Safetensors;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.learner.intake.Flow;
import org.favstream.learner.regression.Training;
import org.favstream.protocol.LineageStep;
import org.favstream.protocol.TensorSpec;

/**
 * Everything from which the learner goes on.
 *
 * @param progress counters and offsets
 * @param weights after the step
 * @param moments of the optimiser
 */
public record Checkpoint(Progress progress, Weights weights, Adam.State moments) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PROGRESS = "favstream.progress";
  private static final String MEAN = "adam.mean";
  private static final String SQUARE = "adam.square";

  /**
   * What a checkpoint holds beside tensors.
   *
   * @param run the run's id
   * @param configSha256 digest of the job's configuration
   * @param step learner steps taken
   * @param draws draws from the reference pool
   * @param flow where the intake and the credits stand
   * @param totals counts over all lives of the run
   * @param lineage of the steps since the checkpoint before: they become known with this one's
   *     version, and only where the log has that version they are known already
   */
  public record Progress(
      String run,
      String configSha256,
      long step,
      long draws,
      Flow.State flow,
      Totals totals,
      List<LineageStep> lineage) {
    public Progress {
      lineage = List.copyOf(lineage);
    }
  }

  /**
   * Counts over all lives of a run.
   *
   * @param groups trained
   * @param generations trained, in particles
   * @param refused groups
   * @param lagSum sum of the groups' lags, in versions
   * @param lagMax largest of them
   * @param skipped steps not taken for numbers that were not finite
   * @param seconds of wall time
   */
  public record Totals(
      long groups,
      long generations,
      long refused,
      long lagSum,
      long lagMax,
      long skipped,
      double seconds) {

    /** Nothing yet. */
    public static Totals none() {
      return new Totals(0, 0, 0, 0, 0, 0, 0);
    }

    /** The same with another count of refused groups. */
    public Totals withRefused(long groups) {
      return new Totals(this.groups, generations, groups, lagSum, lagMax, skipped, seconds);
    }
  }

  /** What training goes on from. */
  public Training.Start start() {
    return new Training.Start(weights, Optional.of(moments), progress.step(), progress.draws());
  }

  /** As the content of a file. */
  public Safetensors toFile() {
    Map<TensorSpec, float[]> tensors =
        new LinkedHashMap<>(Safetensors.of(weights, Map.of()).tensors());
    tensors.put(TensorSpec.of(MEAN, moments.mean().length), moments.mean());
    tensors.put(TensorSpec.of(SQUARE, moments.square().length), moments.square());
    try {
      return new Safetensors(
          Map.of(
              PROGRESS,
              JSON.writeValueAsString(progress),
              "adam.steps",
              Long.toString(moments.steps())),
          tensors);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("progress has no JSON", e);
    }
  }

  /**
   * From the content of a file.
   *
   * @throws WeightsException where it is no checkpoint
   */
  public static Checkpoint fromFile(Safetensors file) throws WeightsException {
    Map<TensorSpec, float[]> tensors = new LinkedHashMap<>(file.tensors());
    float[] mean = removed(tensors, MEAN);
    float[] square = removed(tensors, SQUARE);
    try {
      String progress = file.metadata().getOrDefault(PROGRESS, "");
      return new Checkpoint(
          JSON.readValue(progress, Progress.class),
          new Safetensors(Map.of(), tensors).toWeights(),
          new Adam.State(
              Long.parseLong(file.metadata().getOrDefault("adam.steps", "")), mean, square));
    } catch (JsonProcessingException | NumberFormatException e) {
      throw new WeightsException("it is no checkpoint: " + e.getMessage(), e);
    }
  }

  private static float[] removed(Map<TensorSpec, float[]> tensors, String name)
      throws WeightsException {
    TensorSpec spec =
        tensors.keySet().stream()
            .filter(tensor -> tensor.name().equals(name))
            .findFirst()
            .orElseThrow(() -> new WeightsException("it is no checkpoint: no tensor " + name));
    float[] numbers = tensors.remove(spec);
    if (numbers == null) {
      throw new IllegalStateException(name);
    }
    return numbers;
  }
}
