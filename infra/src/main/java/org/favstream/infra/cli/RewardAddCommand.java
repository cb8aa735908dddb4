// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.engine.TorchScriptException;
import org.favstream.actors.engine.TorchScriptSource;
import org.favstream.infra.http.ControlClient;
import org.favstream.infra.run.RunException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code favstream reward add}. */
@Command(
    name = "add",
    mixinStandardHelpOptions = true,
    description = {
      "Add a reward to a run; it becomes a candidate. Its model is made and scores the newest",
      "logged group before, and is refused where it cannot."
    },
    footer = {
      "",
      "Examples:",
      "  favstream reward add flat --builtin eight-gaussians --set 'heights=[1,1,1,1,1,1,1,1]'",
      "  favstream reward add learned --torchscript reward.pt",
      "  favstream reward add careful --ensemble a,b@2,c --aggregate lcb:1",
      "  favstream reward add both --sum a=0.7,b=0.3",
      "  favstream reward add far --remote http://127.0.0.1:8000/score --set remote.timeout=2s",
      "  favstream reward add learned --torchscript better.pt --new-version",
      "",
      "TorchScript is code: add what you trust. --sha256 pins the digest that you were given."
    })
final class RewardAddCommand implements Callable<Integer> {
  @Mixin private ControlOptions control = new ControlOptions();

  @Parameters(paramLabel = "NAME", description = "Letters, digits, '.', '_' and '-'.")
  private String name = "";

  @ArgGroup(multiplicity = "1")
  private What what = new What();

  /** What it is made of. */
  static final class What {
    @Option(
        names = "--torchscript",
        paramLabel = "FILE",
        description = "A TorchScript module: particles and contexts to rewards.")
    private @Nullable Path torchScript;

    @Option(
        names = "--builtin",
        paramLabel = "KIND",
        description = "One that comes along, as reward.kind has it.")
    private @Nullable String builtin;

    @Option(
        names = "--ensemble",
        paramLabel = "A,B",
        split = ",",
        description = "Rewards that are there, taken together.")
    private @Nullable List<String> ensemble;

    @Option(
        names = "--sum",
        paramLabel = "A=W,B=W",
        split = ",",
        description = "Rewards that are there, with their weights.")
    private @Nullable List<String> sum;

    @Option(
        names = "--remote",
        paramLabel = "URL",
        description = "A scorer behind HTTP (infra/docs/remote-scorer.md).")
    private @Nullable String remote;
  }

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A setting, as in the job's section reward; may be given several times.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--aggregate",
      paramLabel = "HOW",
      description = "How an ensemble takes its members together: mean, min or lcb:K.")
  private @Nullable String aggregate;

  @Option(
      names = "--sha256",
      paramLabel = "DIGEST",
      description = "Of the TorchScript file; another file is refused.")
  private @Nullable String sha256;

  @Option(names = "--new-version", description = "The name is in use: this is its next version.")
  private boolean newVersion;

  @Override
  public Integer call() throws RunException, InterruptedException {
    ObjectNode body = control.body().put("name", name).put("newVersion", newVersion);
    ObjectNode all = body.putObject("settings");
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      require(equals > 0, "--set: got '%s', expected key=value".formatted(setting));
      all.put(setting.substring(0, equals).strip(), setting.substring(equals + 1).strip());
    }
    require(aggregate == null || what.ensemble != null, "--aggregate is of an --ensemble");
    require(sha256 == null || what.torchScript != null, "--sha256 is of a --torchscript file");
    describe(body, all);
    ControlClient client = control.client();
    Path file = what.torchScript;
    if (file != null) {
      body.set("artifact", upload(client, file));
    }
    JsonNode answer = client.post("/v1/rewards", body);
    control.print(
        answer,
        "%s is a candidate; tried on %s"
            .formatted(answer.path("reward").asText(), answer.path("checkedOn").asText()));
    return 0;
  }

  private static void require(boolean sound, String message) {
    if (!sound) {
      throw new ConfigurationException(message);
    }
  }

  private void describe(ObjectNode body, ObjectNode all) {
    if (what.torchScript != null) {
      body.put("kind", "torchscript");
    } else if (what.builtin != null) {
      body.put("kind", "builtin");
      all.put("kind", what.builtin);
    } else if (what.remote != null) {
      body.put("kind", "remote");
      all.put("remote.url", what.remote);
    } else if (what.ensemble != null) {
      body.put("kind", "ensemble");
      all.put("aggregate", aggregate == null ? "mean" : aggregate);
      ArrayNode terms = body.putArray("terms");
      what.ensemble.forEach(member -> terms.addObject().put("reward", member.strip()));
    } else if (what.sum != null) {
      body.put("kind", "sum");
      terms(what.sum, body.putArray("terms"));
    }
  }

  private static void terms(List<String> sum, ArrayNode terms) {
    for (String term : sum) {
      int equals = term.lastIndexOf('=');
      try {
        double weight = Double.parseDouble(term.substring(equals + 1).strip());
        require(equals > 0 && Double.isFinite(weight), wrong(term));
        terms.addObject().put("reward", term.substring(0, equals).strip()).put("weight", weight);
      } catch (NumberFormatException e) {
        throw new ConfigurationException(wrong(term), e);
      }
    }
  }

  private static String wrong(String term) {
    return "--sum: got '%s', expected a reward and its weight, such as a=0.7".formatted(term);
  }

  private JsonNode upload(ControlClient client, Path file)
      throws RunException, InterruptedException {
    try {
      String digest = TorchScriptSource.digestOf(file);
      require(
          sha256 == null || digest.equals(sha256.toLowerCase(Locale.ROOT)),
          "--sha256: %s has %s, expected %s: it is another file".formatted(file, digest, sha256));
      return client.put("/v1/artifacts/" + digest, file);
    } catch (TorchScriptException | FileNotFoundException e) {
      throw new RunException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }
}
