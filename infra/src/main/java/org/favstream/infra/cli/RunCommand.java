// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.favstream.infra.job.Job;
import org.favstream.infra.run.LocalRun;
import org.favstream.infra.run.Report;
import org.favstream.infra.run.RunException;
import org.favstream.infra.run.RunFolder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code favstream run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Align a job's generator live: broker, samplers, rewards, learner and evaluator in one go.",
      "Ctrl-C ends it cleanly, with the report so far; --resume goes on."
    },
    footer = {
      "",
      "Examples:",
      "  favstream run eight-gaussians",
      "  favstream run eight-gaussians --set generator.family=vae --duration 90s",
      "  favstream run reaction-control --steps 2000 --seed 3 --out runs/third --json",
      "  favstream run reaction-control --out runs/third --resume --duration 20m",
      "  favstream run my-job.conf --bootstrap-servers kafka-1:9092,kafka-2:9092"
    })
final class RunCommand implements Callable<Integer> {
  private static final Duration CLEAN_END = Duration.ofMinutes(1);

  @Mixin private JobOptions jobOptions = new JobOptions();

  @Mixin private RunOptions runOptions = new RunOptions();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the run (default: runs/JOB-TIME).")
  private @Nullable Path out;

  @Option(names = "--resume", description = "Go on with the run in --out.")
  private boolean resume;

  @Option(names = "--json", description = "Print the report as JSON on standard output.")
  private boolean json;

  @Override
  public Integer call() throws RunException {
    Job job = jobOptions.load(runOptions.overrides());
    job.weightsOrRefuse(); // before there is a folder
    job.rewards().makeOrRefuse();
    job.control();
    Clock clock = Clock.systemUTC();
    Path path = out == null ? RunFolder.usual(job, clock.instant()) : out;
    try (RunFolder folder = RunFolder.open(path, job, resume, clock.instant())) {
      LocalRun run =
          new LocalRun(
              new LocalRun.Options(job, runOptions.bootstrapServers()),
              folder,
              Favstream.console(),
              clock);
      try (CleanEnd interrupt = new CleanEnd(run::finish, CLEAN_END, "--resume goes on")) {
        Favstream.console().out().printf("run %s in %s%n", folder.run(), folder.path());
        Report report = run.run();
        Favstream.out().println(json ? report.toJson() : text(report, folder));
        Favstream.out().flush();
        return 0;
      }
    }
  }

  private static String text(Report report, RunFolder folder) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s: %d steps, weights version %d, %,d generations, %d groups refused, lag %d at most, %.1f on average, %.0f s%n",
            report.job(),
            report.steps(),
            report.weightsVersion(),
            report.generations(),
            report.refused(),
            report.lag().max(),
            report.lag().mean(),
            report.seconds()));
    report
        .metrics()
        .forEach(
            (name, value) ->
                text.append(String.format(Locale.ROOT, "  %-16s %.4f%n", name, value)));
    text.append("report   ").append(folder.file("report.json")).append('\n');
    text.append("picture  ").append(folder.file("picture.svg")).append('\n');
    if (Files.exists(folder.file(RunFolder.WATCH))) {
      text.append("watch    ").append(folder.file(RunFolder.WATCH)).append('\n');
    }
    text.append("weights  ").append(folder.file("weights.safetensors"));
    return text.toString();
  }
}
