// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.favstream.infra.job.Job;
import org.favstream.infra.run.ComparedRuns;
import org.favstream.infra.run.Comparison;
import org.favstream.infra.run.RunException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code favstream ab}. */
@Command(
    name = "ab",
    mixinStandardHelpOptions = true,
    description = {
      "Run a job twice at the same time with other settings, such as two rewards, and compare.",
      "Each has its share of the samplers, and rewards, a learner and an evaluator of its own, on one",
      "broker. Both end up in one report. Ctrl-C ends both cleanly, with the report so far."
    },
    footer = {
      "",
      "Examples:",
      "  favstream ab eight-gaussians --a learner.beta=1 --b learner.beta=2 --duration 2m",
      "  favstream ab eight-gaussians --a reward.gradient=exact --b reward.gradient=nes --steps 500",
      "  favstream ab my-job.conf --set sampler.count=4 --share 0.25 --b learner.max-lag=0 \\",
      "      --out runs/lag --json",
      "",
      "Exit status: 0 both ended and are compared; 1 one could not go on; 2 asked wrongly."
    })
final class AbCommand implements Callable<Integer> {
  /** Both are measured twice at the end. */
  private static final Duration CLEAN_END = Duration.ofMinutes(3);

  @Mixin private JobOptions jobOptions = new JobOptions();

  @Option(
      names = "--a",
      arity = "1..*",
      paramLabel = "KEY=VALUE",
      description = "What the first run has of its own; several after one --a, or --a again.")
  private List<String> a = new ArrayList<>();

  @Option(
      names = "--b",
      arity = "1..*",
      paramLabel = "KEY=VALUE",
      description = "What the second run has of its own.")
  private List<String> b = new ArrayList<>();

  @Option(
      names = "--share",
      paramLabel = "PART",
      description =
          "The first run's part of the job's samplers (sampler.count), at least one each (default: ${DEFAULT-VALUE}).")
  private double share = 0.5;

  @Mixin private RunOptions runOptions = new RunOptions();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of both (default: runs/ab-JOB-TIME).")
  private @Nullable Path out;

  @Option(names = "--json", description = "Print the report as JSON on standard output.")
  private boolean json;

  @Override
  public Integer call() throws RunException {
    ComparedRuns runs =
        new ComparedRuns(
            new ComparedRuns.Asked(this::load, a, b, share, runOptions.bootstrapServers()),
            Optional.ofNullable(out),
            Favstream.console().out(),
            Clock.systemUTC());
    String otherwise = "what the two have reached is in " + runs.path();
    try (CleanEnd interrupt = new CleanEnd(runs::finish, CLEAN_END, otherwise)) {
      Comparison comparison = runs.run();
      Favstream.out().println(json ? comparison.toJson() : text(comparison, runs.path()));
      Favstream.out().flush();
      return 0;
    }
  }

  private Job load(List<String> changes) {
    List<String> all = new ArrayList<>(runOptions.overrides());
    all.addAll(changes);
    return jobOptions.load(all);
  }

  private static String text(Comparison comparison, Path path) {
    return comparison.toText()
        + "report   "
        + path.resolve("report.json")
        + "\npicture  "
        + path.resolve("curves.svg");
  }
}
