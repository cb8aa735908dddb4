// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.intake;

import java.util.Arrays;
import java.util.Optional;
import org.favstream.protocol.Generation;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.Noise;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Scoring;
import org.favstream.protocol.Tensor;

/** Groups of one particle with one number, as the topic scores holds them. */
final class Groups {
  static final String RUN = "run";
  static final Intake.Shape SHAPE = new Intake.Shape(1, 1, 1, 0, 0);
  static final RewardVersion REWARD = new RewardVersion("r", 1);

  private Groups() {}

  static String key(String sampler) {
    return new GroupId(sampler, 0, 0).key();
  }

  static ScoredGeneration.Scored scored(String sampler, long counter, long version) {
    return scored(RUN, new GroupId(sampler, 0, counter), version, REWARD);
  }

  static ScoredGeneration.Scored scored(
      String run, GroupId id, long version, RewardVersion reward) {
    return scored(run, id, version, Scoring.by(reward));
  }

  static ScoredGeneration.Scored scored(String run, GroupId id, long version, Scoring scoring) {
    return new ScoredGeneration.Scored(
        new Generation(
            run,
            id,
            version,
            new Noise(1, id.counter()),
            Optional.empty(),
            tensor(0, 1, 1, 1),
            Optional.empty(),
            0),
        scoring,
        tensor(0, 1, 1),
        tensor(0, 1, 1, 1));
  }

  static ScoredGeneration.Refused refused(String sampler, long counter, long version) {
    return new ScoredGeneration.Refused(
        RUN, new GroupId(sampler, 0, counter), version, Scoring.by(REWARD), "the reward is NaN");
  }

  /** A tensor of this shape, all of whose numbers are this one. */
  static Tensor tensor(float number, int... shape) {
    int length = 1;
    for (int size : shape) {
      length *= size;
    }
    float[] numbers = new float[length];
    Arrays.fill(numbers, number);
    return Tensor.of(shape, numbers);
  }
}
