// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.infra.run.RecordedRun;
import org.favstream.infra.run.ReplayReport;
import org.favstream.infra.run.RunException;
import org.favstream.infra.run.RunReplay;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code favstream replay}. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = {
      "Make a run's weights again from its log, and compare their digests.",
      "On the CPU with one thread; every version on the way is compared. The run may go on meanwhile.",
      "It is the same to the last bit where its learner was on the CPU with engine.threads = 1, as it",
      "is by default on a machine without a GPU."
    },
    footer = {
      "",
      "Examples:",
      "  favstream replay 0..latest",
      "  favstream replay 120..125 --out runs/first      # from the checkpoint of version 120",
      "  favstream replay 0..40 my-job.conf --run RUN --bootstrap-servers kafka:9092 --json",
      "",
      "Exit status: 0 all versions agree; 1 one differs, or something that it needs is gone;",
      "2 asked wrongly."
    })
final class ReplayCommand implements Callable<Integer> {
  private static final Pattern RANGE = Pattern.compile("(\\d{1,18})\\.\\.(latest|\\d{1,18})");

  @Parameters(
      index = "0",
      paramLabel = "FROM..TO",
      description = {
        "Begin with the weights of version FROM: 0, or one whose checkpoint is kept; make all up to",
        "version TO, which may be latest."
      })
  private String range = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "JOB",
      description = {
        "The run's job, a name or a file (default: the configurations that its folder has kept)."
      })
  private @Nullable String job;

  @Option(
      names = "--checkpoints",
      paramLabel = "DIR",
      description = "Where the learner has kept its state (default: in the run's folder).")
  private @Nullable Path checkpoints;

  @Mixin private RecordedRunOptions options = new RecordedRunOptions();

  @Option(names = "--json", description = "Print the outcome as JSON on standard output.")
  private boolean json;

  @Override
  public Integer call() throws RunException {
    Matcher parts = RANGE.matcher(range);
    if (!parts.matches()) {
      throw new ConfigurationException(
          "FROM..TO: got '%s', expected two versions such as 0..12 or 0..latest".formatted(range));
    }
    long from = Long.parseLong(parts.group(1));
    Optional<Long> to =
        Optional.of(parts.group(2)).filter(text -> !text.equals("latest")).map(Long::valueOf);
    if (to.isPresent() && to.get() <= from) {
      throw new ConfigurationException(
          "FROM..TO: got '%s', expected TO above FROM".formatted(range));
    }
    try (RecordedRun run = options.open()) {
      RunReplay replay =
          new RunReplay(
              run,
              new RunReplay.Asked(
                  from,
                  to,
                  Optional.ofNullable(job),
                  options.overrides(),
                  Optional.ofNullable(checkpoints)),
              Favstream.console().out());
      ReplayReport report = replay.run();
      Favstream.out().println(json ? report.toJson() : report.toText());
      return report.differing().isEmpty() ? 0 : 1;
    }
  }
}
