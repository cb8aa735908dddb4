// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import static org.favstream.sampler.reaction.ReactionSystem.CONTROLS;
import static org.favstream.sampler.reaction.ReactionSystem.CONTROL_LIMIT;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.favstream.protocol.Noise;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.noise.NoiseSource;
import org.favstream.sampler.reaction.ReactionContext;
import org.favstream.sampler.reaction.ReactionContexts;
import org.favstream.sampler.reaction.ReactionFeatures;
import org.favstream.sampler.reaction.ReactionSimulator;
import org.favstream.sampler.reaction.ReactionSystem;

/**
 * The reaction task: one control a context, by one forward pass of the generator from one draw of
 * noise, cut at the limit; no search, no best of n.
 *
 * <p>Metrics: {@code meanJ}, the mean over systems of the mean cost; {@code perSystem.N}; {@code
 * diverged}, how many rollouts failed (each at the cost of a failure); {@code controlRms}; {@code
 * referenceRms}, the root mean square distance of a control's numbers from those that the reference
 * generator makes of the same noise.
 */
public final class ReactionEvaluator implements Evaluator {

  /**
   * A held-out instance.
   *
   * @param system its number
   */
  public record Instance(int system, ReactionContext context) {}

  private static final double[] SHOWN_TIMES = new double[161];

  static {
    for (int i = 0; i < SHOWN_TIMES.length; i++) {
      SHOWN_TIMES[i] = i * ReactionSystem.HORIZON / (SHOWN_TIMES.length - 1);
    }
  }

  private final List<Instance> instances;
  private final long noiseKey;
  private final LoadedGenerator reference;
  private final ReactionSimulator simulator =
      new ReactionSimulator(ReactionSimulator.FINE_TOLERANCE);

  /**
   * An evaluator.
   *
   * @param seed of the noise
   * @param reference the generator with its pre-trained weights; closed with the evaluator
   */
  public ReactionEvaluator(List<Instance> instances, long seed, LoadedGenerator reference) {
    this.instances = List.copyOf(instances);
    this.noiseKey = NoiseSource.key(seed, "evaluation", 0);
    this.reference = reference;
  }

  /**
   * Instances from the distributions of the task, of a seed of their own.
   *
   * @param perSystem how many of each system
   */
  public static List<Instance> drawn(long seed, List<ReactionSystem> systems, int perSystem) {
    ReactionContexts contexts = new ReactionContexts(NoiseSource.key(seed, "held-out", 0), systems);
    List<Instance> instances = new ArrayList<>();
    for (int i = 0; i < perSystem * systems.size(); i++) {
      instances.add(new Instance(contexts.system(i).number(), contexts.draw(i)));
    }
    return instances;
  }

  private double[][] controls(LoadedGenerator generator) {
    float[] features = new float[instances.size() * ReactionFeatures.SIZE];
    for (int i = 0; i < instances.size(); i++) {
      float[] each = ReactionFeatures.of(instances.get(i).context());
      System.arraycopy(each, 0, features, i * each.length, each.length);
    }
    float[] noise =
        NoiseSource.normals(
            new Noise(noiseKey, 0), instances.size() * generator.generator().noiseSize());
    float[] samples = generator.sample(noise, features);
    double[][] controls = new double[instances.size()][CONTROLS];
    for (int i = 0; i < samples.length; i++) {
      controls[i / CONTROLS][i % CONTROLS] =
          Math.max(-CONTROL_LIMIT, Math.min(CONTROL_LIMIT, samples[i]));
    }
    return controls;
  }

  @Override
  public Map<String, Double> evaluate(LoadedGenerator generator, Depth depth) {
    double[][] controls = controls(generator);
    double[][] references = controls(reference);
    Map<Integer, List<Double>> costs = new TreeMap<>();
    double diverged = 0;
    double size = 0;
    double distance = 0;
    for (int i = 0; i < instances.size(); i++) {
      Instance instance = instances.get(i);
      var rollout = simulator.cost(instance.context(), controls[i]);
      costs.computeIfAbsent(instance.system(), s -> new ArrayList<>()).add(rollout.cost());
      diverged += rollout.diverged() ? 1 : 0;
      for (int j = 0; j < CONTROLS; j++) {
        double way = controls[i][j] - references[i][j];
        size += controls[i][j] * controls[i][j];
        distance += way * way;
      }
    }
    Map<String, Double> perSystem = new LinkedHashMap<>();
    costs.forEach(
        (system, each) ->
            perSystem.put(
                "perSystem." + system,
                each.stream().mapToDouble(Double::doubleValue).average().orElseThrow()));
    double numbers = (double) instances.size() * CONTROLS;
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put(
        "meanJ",
        perSystem.values().stream().mapToDouble(Double::doubleValue).average().orElseThrow());
    metrics.putAll(perSystem);
    metrics.put("diverged", diverged);
    metrics.put("controlRms", Math.sqrt(size / numbers));
    metrics.put("referenceRms", Math.sqrt(distance / numbers));
    return metrics;
  }

  @Override
  public List<Panel> panels(LoadedGenerator before, LoadedGenerator after) {
    double[][] first = controls(before);
    double[][] last = controls(after);
    Map<Integer, Panel> panels = new TreeMap<>();
    for (int i = 0; i < instances.size(); i++) {
      Instance instance = instances.get(i);
      if (!panels.containsKey(instance.system())) {
        panels.put(instance.system(), panel(instance, first[i], last[i]));
      }
    }
    return List.copyOf(panels.values());
  }

  private Panel panel(Instance instance, double[] before, double[] after) {
    ReactionContext context = instance.context();
    double[] target = new double[] {context.target(), context.target()};
    return new Panel(
        "system " + instance.system(),
        "time",
        "yield",
        List.of(
            new Panel.Series(
                "target",
                true,
                new double[] {ReactionSystem.SCORE_START, ReactionSystem.HORIZON},
                target),
            course("before", context, before),
            course("after", context, after)));
  }

  private Panel.Series course(String label, ReactionContext context, double[] control) {
    return simulator
        .trajectory(context.rates(), context.state(), control, SHOWN_TIMES)
        .map(
            states -> {
              double[] y = new double[states.length];
              for (int i = 0; i < y.length; i++) {
                y[i] = states[i][0];
              }
              return new Panel.Series(label, true, SHOWN_TIMES.clone(), y);
            })
        .orElseGet(
            () -> new Panel.Series(label + " (diverged)", true, new double[0], new double[0]));
  }

  @Override
  public void close() {
    reference.close();
  }
}
