// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.List;
import java.util.concurrent.Callable;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code favstream list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "The jobs that come with favstream.",
    footer = {
      "",
      "Examples:",
      "  favstream list",
      "  favstream list --json",
      "  favstream list --config eight-gaussians > my-job.conf    # to copy and edit"
    })
final class ListCommand implements Callable<Integer> {
  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Option(
      names = "--config",
      paramLabel = "JOB",
      defaultValue = "",
      description = "Print a job's complete configuration instead, defaults included.")
  private String config = "";

  @Override
  public Integer call() {
    if (!config.isEmpty()) {
      Favstream.out().println(JobCatalog.load(config, List.of()).config().render());
      return 0;
    }
    ArrayNode array = new ObjectMapper().createArrayNode();
    for (String name : JobCatalog.shipped()) {
      Job job = JobCatalog.load(name, List.of());
      if (json) {
        array.addObject().put("job", job.name()).put("description", job.description());
      } else {
        Favstream.out().printf("%-18s %s%n", job.name(), job.description());
      }
    }
    if (json) {
      Favstream.out().println(array.toPrettyString());
    }
    return 0;
  }
}
