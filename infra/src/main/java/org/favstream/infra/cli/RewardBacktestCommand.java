// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.favstream.infra.http.ControlClient;
import org.favstream.infra.run.RunException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code favstream reward backtest}. */
@Command(
    name = "backtest",
    mixinStandardHelpOptions = true,
    description = {
      "Score the last logged particles with a reward and with the active one, and say how they",
      "differ. What came of it stands in the run's history; a reward whose last backtest did not",
      "pass its gate is not activated."
    },
    footer = {
      "",
      "Figures: rank and rankWithin (Spearman's, over all particles and within contexts),",
      "meanShift and stdRatio (in the other reward's standard deviations), gradCosine and",
      "gradCosineQ05 (between the gradients: mean, and 5 % quantile), nonFinite (share).",
      "A gate names them rank, rank-within, mean-shift, std-ratio, grad-cosine, grad-cosine-q05",
      "and non-finite, with >=, <=, > or < and a number.",
      "",
      "Examples:",
      "  favstream reward backtest careful",
      "  favstream reward backtest careful@2 --last 200000 --gate 'rank>=0.5,grad-cosine>=0'",
      "  favstream reward backtest careful --against own@1 --json",
      "",
      "Exit status: 0 done, and past the gate; 1 it could not be done; 2 asked wrongly; 3 the gate",
      "refuses."
    })
final class RewardBacktestCommand implements Callable<Integer> {
  private static final long EVERY_MILLIS = 300;

  @Mixin private ControlOptions control = new ControlOptions();

  @Parameters(paramLabel = "NAME[@V]", description = "The reward (default version: the newest).")
  private String reward = "";

  @Option(
      names = "--last",
      paramLabel = "N",
      description = "Particles, at least; whole groups are taken (default: ${DEFAULT-VALUE}).")
  private long last = 100_000;

  @Option(
      names = "--against",
      paramLabel = "NAME[@V]",
      description = "What it is compared with (default: the active reward).")
  private @Nullable String against;

  @Option(
      names = "--gate",
      paramLabel = "CONDITIONS",
      description = "What must hold, such as 'rank>=0.5,grad-cosine>=0'.")
  private String gate = "";

  @Override
  public Integer call() throws RunException, InterruptedException {
    ControlClient client = control.client();
    ObjectNode body = control.body().put("last", last).put("gate", gate);
    if (against != null && !against.equals("active")) {
      body.put("against", against);
    }
    JsonNode state = client.post(ControlOptions.path(reward) + "/backtests", body);
    String path = "/v1/backtests/" + state.path("id").asText();
    long shown = -1;
    while (state.path("state").asText().equals("running")) {
      long tenths = 10 * state.path("groupsDone").asLong() / state.path("groups").asLong(1);
      if (tenths > shown) {
        System.err.printf(
            "%s of %s groups%n", state.path("groupsDone").asText(), state.path("groups").asText());
        shown = tenths;
      }
      TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
      state = client.get(path);
    }
    if (state.has("problem")) {
      throw new RunException(state.at("/problem/detail").asText());
    }
    JsonNode outcome = state.path("outcome");
    control.print(outcome, text(outcome));
    return outcome.path("passed").asBoolean() ? 0 : Favstream.GATE_REFUSES;
  }

  private static String text(JsonNode outcome) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%s against %s on %s particles in %s groups, %s s%n"
            .formatted(
                outcome.path("reward").asText(),
                outcome.path("against").asText(),
                outcome.at("/result/particles").asText(),
                outcome.at("/result/groups").asText(),
                outcome.at("/result/seconds").asText()));
    text.append(RewardText.figures(outcome.path("result")));
    if (!outcome.path("gate").asText().isEmpty()) {
      text.append(
          "%ngate %s: %s"
              .formatted(
                  outcome.path("gate").asText(),
                  outcome.path("passed").asBoolean() ? "passed" : "refused"));
      for (JsonNode failed : outcome.path("failed")) {
        text.append("%n  %s".formatted(failed.asText()));
      }
    }
    return text.toString();
  }
}
