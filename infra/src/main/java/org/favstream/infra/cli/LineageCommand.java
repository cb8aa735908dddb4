// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import java.util.concurrent.Callable;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.infra.run.RecordedRun;
import org.favstream.infra.run.RunException;
import org.favstream.infra.run.VersionLineage;
import org.favstream.learner.node.LineageLog;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code favstream lineage}. */
@Command(
    name = "lineage",
    mixinStandardHelpOptions = true,
    description = {
      "What made a weights version.",
      "Its steps, their groups on the log, reward, configuration and code; the run may go on meanwhile."
    },
    footer = {
      "",
      "Examples:",
      "  favstream lineage latest",
      "  favstream lineage 120 --out runs/first",
      "  favstream lineage 120 --run RUN --bootstrap-servers kafka:9092 --json",
      "",
      "Exit status: 0 it was found; 1 there is no such version or run; 2 asked wrongly."
    })
final class LineageCommand implements Callable<Integer> {
  @Parameters(paramLabel = "VERSION", description = "A weights version, or latest.")
  private String version = "";

  @Mixin private RecordedRunOptions options = new RecordedRunOptions();

  @Option(names = "--json", description = "As JSON, on standard output.")
  private boolean json;

  @Override
  public Integer call() throws RunException {
    if (!version.matches("latest|[0-9]{1,18}")) {
      throw new ConfigurationException(
          "VERSION: got '%s', expected a number or latest".formatted(version));
    }
    try (RecordedRun run = options.open();
        LineageLog log = new LineageLog(run.connection(), run.topics())) {
      VersionLineage lineage = VersionLineage.of(run, log, version);
      Favstream.out().println(json ? lineage.toJson() : lineage.toText());
      return 0;
    }
  }
}
