// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.favstream.protocol.Noise;
import org.favstream.reward.model.EightGaussiansReward;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.dataset.EightGaussians;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.noise.NoiseSource;

/**
 * FAV's toy (arXiv 2605.26552): how far the generated samples are from the tilted target {@code
 * p(x) R(x)^β}. The target sample is drawn with replacement from data points with weights {@code
 * R^β}.
 *
 * <p>Metrics: {@code kl}, {@code mmd2} (means over the draws), {@code rewardMean} (of {@code R}, in
 * [0, 1]); at full depth also {@code klStd} over the draws and {@code klFloor}, the {@code kl}
 * between two target samples of the same size.
 */
public final class EightGaussiansEvaluator implements Evaluator {

  /**
   * How it measures.
   *
   * @param samples a draw
   * @param draws at full depth; a quick reading takes one
   * @param data points behind the target sample
   * @param beta of the tilt; 0 measures against the data themselves
   * @param seed of all draws
   */
  public record Settings(int samples, int draws, int data, double beta, long seed) {}

  private static final int SHOWN = 2000;

  private final Settings settings;
  private final float[] data;
  private final double[] cumulative;
  private float most; // of the active reward, among the data
  private long weighedFor; // activation
  private UnaryOperator<float[]> tilt; // R(x), of which the target is p(x) R(x)^beta

  /**
   * Draws the data and their weights.
   *
   * @param reward whose target is measured against, until another is active
   */
  public EightGaussiansEvaluator(Settings settings, EightGaussiansReward reward) {
    this.settings = settings;
    this.data = new EightGaussians().draw(noise("data", 0), settings.data()).samples();
    this.cumulative = new double[settings.data()];
    this.tilt = samples -> smoothed(reward, samples);
    weigh(tilt.apply(data));
  }

  private void weigh(float[] rewards) {
    double sum = 0;
    for (int i = 0; i < rewards.length; i++) {
      sum += Math.pow(rewards[i], settings.beta());
      cumulative[i] = sum;
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>The target becomes {@code p(x) exp(beta r(x))}, up to a factor, and {@code rewardMean} the
   * mean of {@code exp(r)}, each as a share of the largest among the data.
   */
  @Override
  public void onReward(long activation, Supplier<RewardModel> active) {
    RewardModel model = active.get();
    if (activation != weighedFor) {
      float[] atData = values(model, data);
      most = Float.NEGATIVE_INFINITY;
      for (float value : atData) {
        most = Math.max(most, value);
      }
      weigh(exponentials(atData));
      weighedFor = activation;
    }
    tilt = samples -> exponentials(values(model, samples));
  }

  private static float[] values(RewardModel model, float[] samples) {
    RewardModel.Block block =
        new RewardModel.Block(1, samples.length / 2, 2, samples, new float[0], new Noise(0, 0));
    return model.evaluate(block).requireUsable(block).values();
  }

  private float[] exponentials(float[] values) {
    float[] exponentials = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      exponentials[i] = (float) Math.exp(values[i] - most);
    }
    return exponentials;
  }

  private Noise noise(String what, long draw) {
    return new Noise(NoiseSource.key(settings.seed(), what, 0), draw);
  }

  private static float[] smoothed(EightGaussiansReward reward, float[] samples) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      return reward
          .smoothed(manager.create(samples, new Shape(samples.length / 2, 2)))
          .toFloatArray();
    }
  }

  private float[] target(String what, long draw) {
    int bound = Integer.MAX_VALUE;
    int[] uniform = NoiseSource.integers(noise(what, draw), settings.samples(), bound);
    float[] target = new float[2 * settings.samples()];
    for (int i = 0; i < settings.samples(); i++) {
      double at = (uniform[i] + 0.5) / bound * cumulative[cumulative.length - 1];
      int found = Arrays.binarySearch(cumulative, at);
      int point = found >= 0 ? found : -found - 1;
      target[2 * i] = data[2 * point];
      target[2 * i + 1] = data[2 * point + 1];
    }
    return target;
  }

  private float[] generated(LoadedGenerator generator, long draw) {
    int normals = settings.samples() * generator.generator().noiseSize();
    return generator.sample(NoiseSource.normals(noise("noise", draw), normals), new float[0]);
  }

  @Override
  public Map<String, Double> evaluate(LoadedGenerator generator, Depth depth) {
    int draws = depth == Depth.QUICK ? 1 : settings.draws();
    double[] kl = new double[draws];
    double[] floor = new double[draws];
    double mmd2 = 0;
    double rewardMean = 0;
    for (int draw = 0; draw < draws; draw++) {
      float[] target = target("target", draw);
      float[] generated = generated(generator, draw);
      kl[draw] = Divergences.kl(target, generated);
      mmd2 += Divergences.mmd2(target, generated) / draws;
      for (float r : tilt.apply(generated)) {
        rewardMean += r / (double) draws / settings.samples();
      }
      if (depth == Depth.FULL) {
        floor[draw] = Divergences.kl(target, target("floor", draw));
      }
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("kl", Arrays.stream(kl).average().orElseThrow());
    metrics.put("mmd2", mmd2);
    metrics.put("rewardMean", rewardMean);
    if (depth == Depth.FULL) {
      metrics.put("klStd", Moments.of(kl).std());
      metrics.put("klFloor", Arrays.stream(floor).average().orElseThrow());
    }
    return metrics;
  }

  @Override
  public List<Panel> panels(LoadedGenerator before, LoadedGenerator after) {
    return List.of(
        panel("before", generated(before, 0)),
        panel("after", generated(after, 0)),
        panel("target", target("target", 0)));
  }

  private static Panel panel(String title, float[] samples) {
    int count = Math.min(SHOWN, samples.length / 2);
    double[] x = new double[count];
    double[] y = new double[count];
    for (int i = 0; i < count; i++) {
      x[i] = samples[2 * i];
      y[i] = samples[2 * i + 1];
    }
    return new Panel(title, "x", "y", List.of(new Panel.Series("", false, x, y)));
  }
}
