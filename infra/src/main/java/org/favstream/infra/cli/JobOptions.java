// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import java.util.ArrayList;
import java.util.List;
import org.favstream.actors.config.JobConfig;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The job that a command is about, and what is changed in it. */
final class JobOptions {
  @Parameters(
      index = "0",
      paramLabel = "JOB",
      description = "A job that comes with favstream (see: favstream list), or a .conf file.")
  private String name = "";

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Change a key of the job, such as learner.beta=2; may be given several times.")
  private List<String> overrides = new ArrayList<>();

  @Option(names = "--seed", paramLabel = "N", description = "Seed of everything that is drawn.")
  private @Nullable Long seed;

  /** The job, with these changes and further ones. */
  Job load(List<String> more) {
    return JobCatalog.load(name, changes(more));
  }

  /**
   * The job's configuration, with these changes and further ones, for a command that needs a part.
   */
  JobConfig config(List<String> more) {
    return JobCatalog.config(name, changes(more));
  }

  private List<String> changes(List<String> more) {
    List<String> all = new ArrayList<>(overrides);
    if (seed != null) {
      all.add("run.seed=" + seed);
    }
    all.addAll(more);
    return all;
  }
}
