// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.favstream.actors.config.JobConfig;
import org.favstream.actors.runtime.Faults;
import org.favstream.infra.job.PolicyParts;
import org.favstream.infra.run.RunException;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.TransitionFile;
import org.favstream.sampler.environment.TransitionSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code favstream dataset}. */
@Command(
    name = "dataset",
    mixinStandardHelpOptions = true,
    description = {
      "Make a policy job's offline data, of a seed: transitions of mixed quality.",
      "The file is of the format safetensors."
    },
    footer = {
      "",
      "Examples:",
      "  favstream dataset arm-tracking --out arm.safetensors",
      "  favstream dataset arm-tracking --out small.safetensors --seed 7 --set dataset.episodes=20",
      "  favstream dataset arm-tracking --out wine.safetensors \\",
      "      --set environment.system=great-wine-beetle",
      "  favstream dataset mujoco-reacher --out reacher.safetensors"
    })
final class DatasetCommand implements Callable<Integer> {
  private static final int REPORTS = 10;

  @Mixin private JobOptions jobOptions = new JobOptions();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The file to write; one that is there is replaced.")
  private Path out = Path.of("");

  @Option(names = "--json", description = "Print what was made as JSON on standard output.")
  private boolean json;

  @Override
  public Integer call() throws RunException {
    JobConfig config = jobOptions.config(List.of());
    long seed = config.read(complete -> complete.getLong("run.seed"));
    int episodes = config.read(complete -> complete.getInt("dataset.episodes"));
    String recipe = config.read(PolicyParts::recipe);
    TransitionSet set = make(config, episodes);
    try {
      TransitionFile.write(out, set, Map.of("seed", Long.toString(seed), "recipe", recipe));
    } catch (IOException e) {
      throw new RunException("data set %s: %s".formatted(out, Faults.describe(e)), e);
    }
    print(set, seed);
    return 0;
  }

  private static TransitionSet make(JobConfig config, int episodes) throws RunException {
    try {
      // Not by config.read: an environment's failure is no fault of the configuration.
      return PolicyParts.make(config.read(complete -> complete), made -> tell(made, episodes));
    } catch (EnvironmentException e) {
      throw new RunException(Faults.describe(e), e);
    }
  }

  private static void tell(int made, int episodes) {
    if (made * REPORTS / episodes > (made - 1) * REPORTS / episodes) {
      System.err.printf("episode %d of %d%n", made, episodes);
    }
  }

  private void print(TransitionSet set, long seed) {
    double rewards = 0;
    for (float reward : set.rewards()) {
      rewards += reward;
    }
    double mean = rewards / set.size();
    if (json) {
      ObjectNode node = new ObjectMapper().createObjectNode();
      node.put("file", out.toString())
          .put("environment", set.environment())
          .put("transitions", set.size())
          .put("seed", seed)
          .put("meanReward", mean);
      Favstream.out().println(node.toPrettyString());
    } else {
      Favstream.out()
          .printf(
              Locale.ROOT,
              "%d transitions of %s, mean reward %.4f%n",
              set.size(),
              set.environment(),
              mean);
    }
    System.err.println("data     " + out);
  }
}
