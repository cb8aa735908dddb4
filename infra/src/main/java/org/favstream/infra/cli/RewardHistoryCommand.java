// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import org.favstream.infra.run.RunException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code favstream reward history}. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description = {
      "What happened to the rewards of a run, in the log's order. What is void changed nothing:",
      "someone else was first."
    },
    footer = {
      "",
      "Examples:",
      "  favstream reward history",
      "  favstream reward history --last 10 --json"
    })
final class RewardHistoryCommand implements Callable<Integer> {
  @Mixin private ControlOptions control = new ControlOptions();

  @Option(
      names = "--last",
      paramLabel = "N",
      description = "How many of the last events (default: ${DEFAULT-VALUE}).")
  private int last = 100;

  @Override
  public Integer call() throws RunException, InterruptedException {
    JsonNode answer = control.client().get("/v1/history?last=" + last);
    control.print(answer, RewardText.history(answer));
    return 0;
  }
}
