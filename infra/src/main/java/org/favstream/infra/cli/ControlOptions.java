// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.infra.http.ControlClient;
import org.favstream.infra.http.ControlSettings;
import org.favstream.infra.run.LiveRun;
import org.favstream.infra.run.RunException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which run is meant, and who asks. */
final class ControlOptions {
  private static final Path RUNS = Path.of("runs");

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = {
        "Where the run's control listens, as the run says at its start",
        "(default: that of the only run that goes on below ./runs)."
      })
  private @Nullable String url;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      description = "The folder of a run that goes on on this machine, in place of --url.")
  private @Nullable Path run;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "What the control wants to be told (default: the variable FAVSTREAM_TOKEN).")
  private @Nullable String token;

  @Option(
      names = "--as",
      paramLabel = "NAME",
      description = "Who asks, for the history (default: the user's name).")
  private String by = System.getProperty("user.name", "anonymous");

  @Option(names = "--json", description = "Print what is answered as JSON on standard output.")
  private boolean json;

  /** Asks the run that is meant. */
  ControlClient client() throws RunException {
    if (url != null && run != null) {
      throw new ConfigurationException("--url and --run: got both, expected one");
    }
    String secret = token;
    if (secret == null) {
      secret = System.getenv(ControlSettings.TOKEN_VARIABLE);
    }
    try {
      return new ControlClient(
          url == null ? ofFolder() : url, secret == null ? "" : secret.strip());
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("--url: " + e.getMessage(), e);
    }
  }

  private String ofFolder() throws RunException {
    Path folder = run;
    Optional<LiveRun> live =
        folder == null ? Optional.of(LiveRun.only(RUNS)) : LiveRun.read(folder);
    String found =
        live.map(LiveRun::controlUrl)
            .orElseThrow(() -> new RunException("no run goes on in %s".formatted(folder)));
    if (found.isEmpty()) {
      throw new RunException(
          "run %s does not say where it is controlled from: give --url"
              .formatted(live.map(LiveRun::run).orElse("")));
    }
    return found;
  }

  /** A body that says who asks. */
  ObjectNode body() {
    return new ObjectMapper().createObjectNode().put("by", by);
  }

  /** Prints what was answered: as it is for programs, in words for people. */
  void print(JsonNode answer, String text) {
    Favstream.out().println(json ? answer.toPrettyString() : text);
  }

  /** The path of a reward. */
  static String path(String reward) {
    int at = reward.lastIndexOf('@');
    String name = at < 0 ? reward : reward.substring(0, at);
    String version = at < 0 ? "newest" : reward.substring(at + 1);
    if (name.isBlank() || !version.matches("[0-9]{1,18}|newest")) {
      throw new ConfigurationException(
          "a reward is named NAME or NAME@VERSION, got '%s'".formatted(reward));
    }
    return "/v1/rewards/%s/%s"
        .formatted(URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20"), version);
  }
}
