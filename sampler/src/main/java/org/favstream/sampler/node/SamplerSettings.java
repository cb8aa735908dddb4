// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import com.typesafe.config.Config;

/**
 * A job's samplers; section {@code sampler}.
 *
 * @param count samplers a node
 * @param contextsPerGroup contexts a group
 * @param particlesPerContext particles a context
 * @param device where they compute
 */
public record SamplerSettings(
    int count, int contextsPerGroup, int particlesPerContext, String device) {
  public SamplerSettings {
    if (count < 1 || count > 256 || contextsPerGroup < 1 || particlesPerContext < 1) {
      throw new IllegalArgumentException(
          "sampler: count %d must be 1 to 256, contexts-per-group %d and particles-per-context %d at least 1"
              .formatted(count, contextsPerGroup, particlesPerContext));
    }
  }

  /** Reads section {@code sampler} of a job. */
  public static SamplerSettings of(Config job) {
    Config section = job.getConfig("sampler");
    return new SamplerSettings(
        section.getInt("count"),
        section.getInt("contexts-per-group"),
        section.getInt("particles-per-context"),
        section.getString("device"));
  }
}
