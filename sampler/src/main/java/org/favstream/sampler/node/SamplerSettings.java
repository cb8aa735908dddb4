// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import com.typesafe.config.Config;
import org.favstream.actors.config.JobConfig;
import org.favstream.protocol.Noise;

/**
 * A job's samplers; section {@code sampler}, and {@code generator.noise}.
 *
 * @param count samplers a node
 * @param contextsPerGroup contexts a group
 * @param particlesPerContext particles a context
 * @param noise how the noise of a group's samples goes together
 * @param device where they compute
 */
public record SamplerSettings(
    int count, int contextsPerGroup, int particlesPerContext, Noise.Kind noise, String device) {
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
        JobConfig.choice(job.getConfig("generator"), "noise", Noise.Kind.class),
        section.getString("device"));
  }
}
