// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.favstream.actors.config.JobConfig;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.weights.Safetensors;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.job.Job;
import org.favstream.infra.run.Report;
import org.favstream.infra.run.RunException;
import org.favstream.reward.evaluation.Evaluator;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.pretraining.Pretraining;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code favstream pretrain}. */
@Command(
    name = "pretrain",
    mixinStandardHelpOptions = true,
    description = {
      "Make a job's first weights from its data, and measure them against the data.",
      "A run takes them with --set generator.weights=FILE."
    },
    footer = {
      "",
      "Examples:",
      "  favstream pretrain eight-gaussians",
      "  favstream pretrain eight-gaussians --set generator.family=drift --steps 10000",
      "  favstream pretrain my-job.conf --seed 7 --out my-weights.safetensors"
    })
final class PretrainCommand implements Callable<Integer> {
  @Mixin private JobOptions jobOptions = new JobOptions();

  @Option(names = "--steps", paramLabel = "N", description = "Optimiser steps.")
  private @Nullable Integer steps;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The weights file (default: JOB-FAMILY.safetensors).")
  private @Nullable Path out;

  @Option(names = "--json", description = "Print the metrics as JSON on standard output.")
  private boolean json;

  @Override
  public Integer call() throws RunException {
    List<String> more = new ArrayList<>();
    if (steps != null) {
      more.add("pretraining.steps=" + steps);
    }
    Job job = jobOptions.load(more);
    job.useEngine();
    String family = JobConfig.nameOf(job.generator().family());
    Path file = out == null ? Path.of("%s-%s.safetensors".formatted(job.name(), family)) : out;
    Pretraining.Settings settings = job.pretraining();
    LocalProgress progress = new LocalProgress(settings.steps());
    try {
      Weights weights =
          Pretraining.train(
              job.generator(),
              job.dataset(),
              settings,
              job.seed(),
              job.device("pretraining.device"),
              progress::at);
      Safetensors.of(
              weights,
              Map.of(
                  "job", job.name(),
                  "family", family,
                  "steps", Integer.toString(settings.steps()),
                  "batch", Integer.toString(settings.batch()),
                  "seed", Long.toString(job.seed())))
          .write(file);
      Map<String, Double> metrics = measure(job, weights);
      print(metrics, file);
      return 0;
    } catch (WeightsException | IOException e) {
      throw new RunException("pre-training: " + Faults.describe(e), e);
    }
  }

  private static Map<String, Double> measure(Job job, Weights weights) throws WeightsException {
    try (LoadedGenerator generator = load(job, weights);
        Evaluator evaluator = job.priorEvaluator(() -> loadOrFail(job, weights))) {
      return evaluator.evaluate(generator, Evaluator.Depth.FULL);
    }
  }

  private static LoadedGenerator load(Job job, Weights weights) throws WeightsException {
    return new LoadedGenerator(job.generator().create(), weights, job.device("pretraining.device"));
  }

  private static LoadedGenerator loadOrFail(Job job, Weights weights) {
    try {
      return load(job, weights);
    } catch (WeightsException e) {
      throw new IllegalStateException("weights of this very generator", e);
    }
  }

  private void print(Map<String, Double> metrics, Path file) {
    if (json) {
      Favstream.out().println(Report.metricsJson(metrics));
    } else {
      metrics.forEach(
          (metric, value) -> Favstream.out().printf(Locale.ROOT, "  %-16s %.4f%n", metric, value));
    }
    System.err.println("weights  " + file);
  }

  /** A line now and then. */
  private static final class LocalProgress {
    private final int steps;
    private final int every;
    private final long beganAt = System.nanoTime();

    LocalProgress(int steps) {
      this.steps = steps;
      this.every = Math.max(100, steps / 20 / 100 * 100);
    }

    boolean at(int step, double loss) {
      if (step % every == 0 || step == steps) {
        double seconds = (System.nanoTime() - beganAt) / 1e9;
        System.err.printf(
            Locale.ROOT,
            "step %d of %d  loss %.4f  %.0f s, about %.0f s left%n",
            step,
            steps,
            loss,
            seconds,
            seconds / step * (steps - step));
      }
      return true;
    }
  }
}
