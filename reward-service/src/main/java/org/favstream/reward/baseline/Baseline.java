// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.baseline;

import java.util.Arrays;
import java.util.function.Function;
import org.favstream.protocol.Noise;
import org.favstream.reward.critic.ReplayBuffer.Batch;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.context.ContextRows;
import org.favstream.sampler.noise.NoiseSource;

/** Which actions a policy imitates. */
@FunctionalInterface
public interface Baseline {

  /**
   * What is to be imitated.
   *
   * @param actions {@code (rows, a)}, row-major
   * @param weights {@code (rows)}
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never shared
  record Imitation(float[] actions, float[] weights) {}

  /**
   * For each state of a batch.
   *
   * @param policy as it is
   * @param draw of the noise, the very one that the policy's step will take
   */
  Imitation of(Batch batch, ActionRegression policy, Noise draw);

  /** Behaviour cloning: the data's own actions, all alike. */
  static Baseline behaviourCloning() {
    return (batch, policy, draw) -> new Imitation(batch.actions(), ones(batch.rows()));
  }

  /**
   * Advantage-weighted regression, the policy of IQL (Kostrikov and others 2021, arXiv 2110.06169):
   * the data's actions with weight {@code exp(β A)}, at most {@code most}.
   *
   * @param advantages {@code A(s, a)} of what was done: {@code (rows)}; {@link
   *     ImplicitQ#advantages}
   */
  static Baseline advantageWeighted(Function<Batch, float[]> advantages, double beta, double most) {
    return (batch, policy, draw) -> {
      float[] weights = advantages.apply(batch);
      for (int row = 0; row < weights.length; row++) {
        weights[row] = (float) Math.min(most, Math.exp(beta * weights[row]));
      }
      return new Imitation(batch.actions(), weights);
    };
  }

  /**
   * Best of n, as in RAFT (Dong and others 2023, arXiv 2304.06767): of n actions of the policy the
   * one that the critic likes best.
   */
  static Baseline bestOf(RewardModel critic, int n) {
    return (batch, policy, draw) -> {
      int o = batch.observations().length / batch.rows();
      int d = batch.actions().length / batch.rows();
      // Of a key of its own: the step's noise is not to know which actions were compared.
      Noise candidates = new Noise(NoiseSource.key(draw.key(), "candidates", 0), draw.counter());
      float[] actions = policy.actions(ContextRows.repeat(batch.observations(), o, n), candidates);
      float[] values =
          critic
              .evaluate(
                  new RewardModel.Block(batch.rows(), n, d, actions, batch.observations(), draw))
              .values();
      float[] best = new float[batch.rows() * d];
      for (int row = 0; row < batch.rows(); row++) {
        int choice = row * n;
        for (int i = row * n + 1; i < (row + 1) * n; i++) {
          choice = values[i] > values[choice] ? i : choice;
        }
        System.arraycopy(actions, choice * d, best, row * d, d);
      }
      return new Imitation(best, ones(batch.rows()));
    };
  }

  /**
   * FQL (Park and others 2025, arXiv 2502.02538): distil the flow's action at the policy's own
   * noise, and climb the critic: {@code L = α mean ‖G - flow‖² - mean Q(s, G)}. Its gradient is
   * that of the regression with weight {@code α} to {@code flow + d/(2α) ∇_a Q(s, clip(G))}, which
   * is how it is said here.
   *
   * @param flow of the batch's task, trained beside
   */
  static Baseline distilled(FlowCloning flow, RewardModel critic, double alpha) {
    return (batch, policy, draw) -> {
      float[] actions = policy.actions(batch.observations(), draw);
      int d = actions.length / batch.rows();
      float[] slopes =
          critic
              .evaluate(
                  new RewardModel.Block(batch.rows(), 1, d, actions, batch.observations(), draw))
              .gradients();
      float[] targets = flow.actions(batch.observations(), draw);
      float[] weights = new float[batch.rows()];
      Arrays.fill(weights, (float) alpha);
      for (int i = 0; i < targets.length; i++) {
        targets[i] += (float) (d / (2 * alpha) * slopes[i]);
      }
      return new Imitation(targets, weights);
    };
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
