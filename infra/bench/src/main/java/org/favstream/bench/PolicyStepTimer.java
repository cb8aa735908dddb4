// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import ai.djl.Device;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import org.favstream.actors.weights.WeightsException;
import org.favstream.reward.critic.RefusedTransitionsException;

/**
 * One whole update of a robot's policy: 256 states of a replay buffer, 8 particles a state, actor 4
 * × 512, two critics 4 × 512 with layer normalisation. Prints the CPU time of the process an update
 * and of its parts, the JVM's own threads included: the median of blocks of five updates. The same
 * update in PyTorch is {@code infra/bench/pytorch/policy_step.py}; {@code
 * infra/bench/policy_step.sh} runs both in turn.
 */
public final class PolicyStepTimer {
  private static final int WARM_UP = 60;
  private static final int BLOCK = 5;

  private PolicyStepTimer() {}

  /** {@code PolicyStepTimer [UPDATES]}. */
  public static void main(String[] args) throws WeightsException, RefusedTransitionsException {
    int updates = args.length > 0 ? Integer.parseInt(args[0]) : 50;
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    try (PolicyStep step = new PolicyStep(Device.cpu())) {
      for (int update = 0; update < WARM_UP; update++) {
        step.critics(update);
        step.policy(update);
      }
      double[] critics = new double[updates / BLOCK];
      double[] policy = new double[critics.length];
      double[] whole = new double[critics.length];
      for (int block = 0; block < critics.length; block++) {
        for (int i = 0; i < BLOCK; i++) {
          int update = WARM_UP + block * BLOCK + i;
          long before = process.getProcessCpuTime();
          step.critics(update);
          long between = process.getProcessCpuTime();
          step.policy(update);
          long after = process.getProcessCpuTime();
          critics[block] += (between - before) / 1e6 / BLOCK;
          policy[block] += (after - between) / 1e6 / BLOCK;
          whole[block] += (after - before) / 1e6 / BLOCK;
        }
      }
      System.out.printf(
          Locale.ROOT,
          "favstream, Java %s: %.1f ms CPU an update (least %.1f): critics %.1f, policy %.1f%n",
          Runtime.version().feature(),
          median(whole),
          whole[0],
          median(critics),
          median(policy));
    }
  }

  private static double median(double[] blocks) {
    Arrays.sort(blocks);
    return blocks[blocks.length / 2];
  }
}
