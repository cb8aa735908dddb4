// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.job;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;
import java.util.List;

/** Bounds of single keys that no settings record holds; what is beyond is refused by its key. */
final class Bounds {
  private static final List<String> DEVICES =
      List.of(
          "sampler.device",
          "reward.device",
          "learner.device",
          "critic.device",
          "fleet.device",
          "evaluation.device",
          "pretraining.device");

  private Bounds() {}

  static void require(Config job) {
    atLeast(job, "learner.steps", 0);
    atLeast(job, "learner.trust-radius", 0);
    atLeast(job, "learner.clip-norm", 0);
    atLeast(job, "learner.checkpoints-kept", 2); // the newest may be broken
    atLeast(job, "reference.pool", 0);
    atLeast(job, "reference.per-step", 1);
    if (!job.getBoolean("learner.own-term") && job.getInt("sampler.particles-per-context") < 2) {
      throw bad(job, "sampler.particles-per-context", "at least 2, as learner.own-term is false");
    }
    atLeast(job, "reward.workers", 1);
    atLeast(job, "environment.copies", 1);
    atLeast(job, "dataset.episodes", 1);
    atLeast(job, "evaluation.samples", 8); // a density estimate needs some
    atLeast(job, "evaluation.draws", 1);
    atLeast(job, "evaluation.data", 8);
    atLeast(job, "evaluation.contexts", 1);
    longerThan(job, "learner.lease-timeout", Duration.ZERO);
    longerThan(job, "evaluation.every", Duration.ZERO);
    longerThan(job, "critic.patience", Duration.ZERO);
    longerThan(job, "kafka.setup-timeout", Duration.ZERO);
    longerThan(job, "kafka.retention", Duration.ZERO);
    longerThan(job, "run.duration", Duration.ofNanos(-1));
    longerThan(job, "learner.settle-deadline", Duration.ofNanos(-1));
    matching(job, "broker.heap", "[1-9][0-9]{0,9}[kKmMgG]?", "a size such as 384m");
    for (String key : DEVICES) {
      matching(job, key, "auto|cpu|cuda:[0-9]{1,3}", "auto, cpu or cuda:N");
    }
  }

  private static void atLeast(Config job, String key, long least) {
    if (!(job.getDouble(key) >= least)) {
      throw bad(job, key, "at least " + least);
    }
  }

  private static void longerThan(Config job, String key, Duration bound) {
    if (job.getDuration(key).compareTo(bound) <= 0) {
      throw bad(job, key, bound.isNegative() ? "at least 0" : "more than 0");
    }
  }

  private static void matching(Config job, String key, String pattern, String expected) {
    if (!job.getString(key).matches(pattern)) {
      throw bad(job, key, expected);
    }
  }

  private static ConfigException bad(Config job, String key, String expected) {
    return new ConfigException.BadValue(
        job.getValue(key).origin(),
        key,
        "got '%s', expected %s".formatted(job.getString(key), expected));
  }
}
