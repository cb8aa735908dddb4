// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.favstream.infra.run.RecordedRun;
import org.favstream.infra.run.RunException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The run whose log a command reads. */
final class RecordedRunOptions {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = {
        "Folder of the run, whether it goes on or is over (default: the only one under ./runs that",
        "goes on, else the one started last)."
      })
  private @Nullable Path out;

  @Option(
      names = "--run",
      paramLabel = "RUN",
      description = "The run's id, where it has no folder here.")
  private @Nullable String run;

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT",
      description = "The Kafka cluster that the run is on, or was.")
  private @Nullable String bootstrapServers;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = {
        "Change a key of the run's job: how the cluster is reached, such as",
        "kafka.client.security.protocol=SSL."
      })
  private List<String> overrides = new ArrayList<>();

  /** Changes of the run's job. */
  List<String> overrides() {
    return List.copyOf(overrides);
  }

  /** Opens it, telling people on standard error. */
  RecordedRun open() throws RunException {
    return RecordedRun.open(
        new RecordedRun.Asked(
            Optional.ofNullable(out),
            Optional.ofNullable(run),
            Optional.ofNullable(bootstrapServers),
            overrides),
        Favstream.console().out());
  }
}
