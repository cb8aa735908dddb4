// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import org.favstream.infra.run.RunException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code favstream reward rollback}. */
@Command(
    name = "rollback",
    mixinStandardHelpOptions = true,
    description = {
      "Make the reward active again that the active one was activated over. One after another goes",
      "further back, up to the job's own reward. What was trained in between stays trained."
    },
    footer = {
      "",
      "Examples:",
      "  favstream reward rollback",
      "  favstream reward rollback --reason 'it found an exploit'"
    })
final class RewardRollbackCommand implements Callable<Integer> {
  @Mixin private ControlOptions control = new ControlOptions();

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the history.")
  private String reason = "";

  @Override
  public Integer call() throws RunException, InterruptedException {
    JsonNode answer = control.client().post("/v1/rollback", control.body().put("reason", reason));
    control.print(answer, RewardText.activated(answer));
    return 0;
  }
}
