// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.baseline;

import java.util.Arrays;
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
   * Advantage-weighted regression as in CRR (Wang and others 2020, arXiv 2006.15134): the data's
   * actions with weight {@code exp(β A)}, at most {@code most}, where {@code A = Q(s, a) - mean
   * Q(s, a_i)} over some actions of the policy. IQL has a learned expectile of Q in place of that
   * mean.
   */
  static Baseline advantageWeighted(RewardModel critic, int actions, double beta, double most) {
    return (batch, policy, draw) -> {
      float[] values = values(critic, batch, policyActions(batch, policy, actions, draw), draw);
      float[] ofData = values(critic, batch, batch.actions(), draw);
      float[] weights = new float[batch.rows()];
      for (int row = 0; row < weights.length; row++) {
        double mean = 0;
        for (int i = 0; i < actions; i++) {
          mean += values[row * actions + i] / actions;
        }
        weights[row] = (float) Math.min(most, Math.exp(beta * (ofData[row] - mean)));
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
      float[] actions = policyActions(batch, policy, n, draw);
      float[] values = values(critic, batch, actions, draw);
      int d = batch.actions().length / batch.rows();
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

  private static float[] policyActions(Batch batch, ActionRegression policy, int n, Noise draw) {
    int o = batch.observations().length / batch.rows();
    // Of a key of its own: the step's noise is not to know which actions were compared.
    Noise candidates = new Noise(NoiseSource.key(draw.key(), "candidates", 0), draw.counter());
    return policy.actions(ContextRows.repeat(batch.observations(), o, n), candidates);
  }

  /** Values of as many actions a state as there are. */
  private static float[] values(RewardModel critic, Batch batch, float[] actions, Noise draw) {
    int d = batch.actions().length / batch.rows();
    int perState = actions.length / batch.actions().length;
    return critic
        .evaluate(
            new RewardModel.Block(batch.rows(), perState, d, actions, batch.observations(), draw))
        .values();
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
