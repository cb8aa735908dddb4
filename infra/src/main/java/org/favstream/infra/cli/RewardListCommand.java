// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import org.favstream.infra.run.RunException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code favstream reward list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "The rewards of a run, and what each is at the moment.",
    footer = {
      "",
      "Examples:",
      "  favstream reward list",
      "  favstream reward list --url http://127.0.0.1:4711 --json"
    })
final class RewardListCommand implements Callable<Integer> {
  @Mixin private ControlOptions control = new ControlOptions();

  @Override
  public Integer call() throws RunException, InterruptedException {
    JsonNode answer = control.client().get("/v1/rewards");
    control.print(answer, RewardText.rewards(answer));
    return 0;
  }
}
