// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.weights.Safetensors;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.TensorSpec;

/**
 * Everything from which the critics' training goes on, but for the transitions, which the log
 * keeps.
 *
 * @param run the run's id
 * @param updates how many were done
 * @param version of the critics, as it was or would have been published
 * @param state of the trainer
 */
public record CriticCheckpoint(String run, long updates, long version, CriticTrainer.State state) {
  private static final String RUN = "run";
  private static final String UPDATES = "updates";
  private static final String VERSION = "version";
  private static final String STEPS = "adam.steps";

  /** As the content of a file. */
  public Safetensors toFile() {
    Map<TensorSpec, float[]> tensors = new LinkedHashMap<>();
    put(tensors, "weights", state.weights());
    put(tensors, "target", state.target());
    put(tensors, "adam.mean", state.moments().mean());
    put(tensors, "adam.square", state.moments().square());
    return new Safetensors(
        Map.of(
            RUN, run,
            UPDATES, Long.toString(updates),
            VERSION, Long.toString(version),
            STEPS, Long.toString(state.moments().steps())),
        tensors);
  }

  private static void put(Map<TensorSpec, float[]> tensors, String name, float[] numbers) {
    tensors.put(new TensorSpec(name, List.of(numbers.length)), numbers);
  }

  /**
   * From the content of a file.
   *
   * @throws WeightsException where it is no checkpoint of critics
   */
  public static CriticCheckpoint fromFile(Safetensors file) throws WeightsException {
    try {
      return new CriticCheckpoint(
          file.metadata().getOrDefault(RUN, ""),
          number(file, UPDATES),
          number(file, VERSION),
          new CriticTrainer.State(
              tensor(file, "weights"),
              tensor(file, "target"),
              new Adam.State(
                  number(file, STEPS), tensor(file, "adam.mean"), tensor(file, "adam.square"))));
    } catch (NumberFormatException e) {
      throw new WeightsException("it is no checkpoint of critics: " + e.getMessage(), e);
    }
  }

  private static long number(Safetensors file, String name) {
    return Long.parseLong(file.metadata().getOrDefault(name, "no " + name));
  }

  private static float[] tensor(Safetensors file, String name) throws WeightsException {
    for (Map.Entry<TensorSpec, float[]> tensor : file.tensors().entrySet()) {
      if (tensor.getKey().name().equals(name)) {
        return tensor.getValue();
      }
    }
    throw new WeightsException("it is no checkpoint of critics: no tensor " + name);
  }
}
