// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.weights.Safetensors;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.job.Instances;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import org.favstream.infra.run.Report;
import org.favstream.infra.run.RunException;
import org.favstream.reward.evaluation.Evaluator;
import org.favstream.reward.evaluation.ReactionEvaluator;
import org.favstream.sampler.arm.ArmInstance;
import org.favstream.sampler.arm.ArmSettings;
import org.favstream.sampler.arm.ArmSystem;
import org.favstream.sampler.arm.ArmTargetException;
import org.favstream.sampler.arm.ArmTargetFile;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.reaction.ReactionContextException;
import org.favstream.sampler.reaction.ReactionContextFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code favstream evaluate}. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = "Measure the last weights of a run, at full depth.",
    footer = {
      "",
      "Examples:",
      "  favstream evaluate eight-gaussians --run runs/first",
      "  favstream evaluate reaction-control --run runs/first --contexts contexts.csv --json",
      "  favstream evaluate arm-tracking --run runs/first --targets targets/ --json"
    })
final class EvaluateCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "JOB", description = "The job of the run.")
  private String name = "";

  @Option(names = "--run", required = true, paramLabel = "DIR", description = "Folder of the run.")
  private Path run = Path.of("");

  @Option(
      names = "--contexts",
      paramLabel = "FILE",
      description =
          "Instances of the reaction task: CSV with the columns system,id,target,Y,X1..X14.")
  private @Nullable Path contexts;

  @Option(
      names = "--targets",
      paramLabel = "DIR-OR-FILE",
      description = {
        "Targets of the arm task: CSV with the columns System,t,target X,target Y, named",
        "SYSTEM_NUMBER.csv; x0.csv beside them gives the joints at first, FILE.baselines what the",
        "score is measured against."
      })
  private @Nullable Path targets;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Change a key of the run's job, such as evaluation.samples=10000.")
  private List<String> overrides = new ArrayList<>();

  @Option(names = "--json", description = "Print the report as JSON on standard output.")
  private boolean json;

  @Override
  public Integer call() throws RunException {
    Path config = requireFile("job.conf");
    Job job = JobCatalog.load(config.toString(), overrides);
    if (!job.name().equals(JobCatalog.load(name, List.of()).name())) {
      throw new ConfigurationException(
          "%s holds a run of job %s, not of %s".formatted(run, job.name(), name));
    }
    Report report = readReport();
    job.useEngine();
    Map<String, Double> metrics;
    try (Evaluator evaluator = job.evaluator(instances(job)).get();
        LoadedGenerator generator =
            new LoadedGenerator(
                job.generator().create(),
                Safetensors.read(requireFile("weights.safetensors")).toWeights(),
                job.device("evaluation.device"))) {
      metrics = evaluator.evaluate(generator, Evaluator.Depth.FULL);
    } catch (WeightsException | IOException e) {
      throw new RunException(Faults.describe(e), e);
    }
    if (json) {
      Favstream.out().println(report.withMetrics(metrics).toJson());
    } else {
      Favstream.out()
          .printf(
              "%s, weights version %d of run %s%n",
              job.name(), report.weightsVersion(), report.run());
      metrics.forEach(
          (metric, value) -> Favstream.out().printf(Locale.ROOT, "  %-16s %.4f%n", metric, value));
    }
    return 0;
  }

  private Path requireFile(String file) throws RunException {
    Path path = run.resolve(file);
    if (!Files.isRegularFile(path)) {
      throw new RunException(
          "--run: %s holds no finished run (there is no %s)".formatted(run, path));
    }
    return path;
  }

  private Report readReport() throws RunException {
    Path file = requireFile("report.json");
    try {
      return Report.parse(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new RunException("%s: %s".formatted(file, Faults.describe(e)), e);
    }
  }

  private Instances instances(Job job) throws RunException {
    requireKind(job, "--contexts", contexts, "reaction-control");
    requireKind(job, "--targets", targets, "arm-tracking");
    if (contexts != null) {
      return new Instances(reactions(job, contexts), List.of());
    }
    return targets == null ? Instances.drawn() : new Instances(List.of(), arms(job, targets));
  }

  private static void requireKind(Job job, String option, @Nullable Path given, String kind) {
    if (given != null
        && !job.read(complete -> complete.getString("evaluation.kind")).equals(kind)) {
      throw new ConfigurationException(
          "%s is for evaluations of kind %s; job %s has none of it"
              .formatted(option, kind, job.name()));
    }
  }

  private static List<ArmInstance> arms(Job job, Path place) throws RunException {
    ArmSystem system = job.read(ArmSettings::of).system();
    try {
      List<ArmInstance> all = ArmTargetFile.read(place);
      List<ArmInstance> instances =
          all.stream().filter(instance -> instance.system().equals(system)).toList();
      if (instances.isEmpty()) {
        throw new RunException("%s holds no target of the job's arm %s".formatted(place, system));
      }
      if (instances.size() < all.size()) {
        System.err.printf(
            "%d of %d targets are of the job's arm %s; the others are left out%n",
            instances.size(), all.size(), system);
      }
      return instances;
    } catch (ArmTargetException e) {
      throw new RunException(Faults.describe(e), e);
    }
  }

  private static List<ReactionEvaluator.Instance> reactions(Job job, Path contexts)
      throws RunException {
    List<Integer> systems = job.read(complete -> complete.getIntList("context.systems"));
    try {
      List<ReactionContextFile.Row> rows = ReactionContextFile.read(contexts);
      List<ReactionEvaluator.Instance> instances =
          rows.stream()
              .filter(row -> systems.contains(row.system().number()))
              .map(row -> new ReactionEvaluator.Instance(row.system().number(), row.context()))
              .toList();
      if (instances.isEmpty()) {
        throw new RunException(
            "%s holds no instance of the job's systems %s".formatted(contexts, systems));
      }
      if (instances.size() < rows.size()) {
        System.err.printf(
            "%d of %d instances are of the job's systems %s; the others are left out%n",
            instances.size(), rows.size(), systems);
      }
      return instances;
    } catch (ReactionContextException e) {
      throw new RunException(Faults.describe(e), e);
    }
  }
}
