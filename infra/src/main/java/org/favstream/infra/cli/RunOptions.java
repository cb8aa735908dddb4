// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a run goes on, and for how long. */
final class RunOptions {
  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description = "How long it runs at most, such as 90s, 3m or 1h; 0s for no bound.")
  private @Nullable String duration;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Learner steps after which it ends, however long they take.")
  private @Nullable Long steps;

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT",
      description = "A given Kafka cluster, in place of the broker that comes with favstream.")
  private @Nullable String bootstrapServers;

  /** The given cluster; empty for the broker that comes along. */
  Optional<String> bootstrapServers() {
    return Optional.ofNullable(bootstrapServers);
  }

  /** How long, as changes of a job's configuration. */
  List<String> overrides() {
    List<String> overrides = new ArrayList<>();
    if (duration != null) {
      overrides.add("run.duration=" + duration);
    }
    if (steps != null) {
      overrides.add("learner.steps=" + steps);
      if (duration == null) {
        overrides.add("run.duration=0s");
      }
    }
    return overrides;
  }
}
