// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.favstream.infra.http.Call.Answer;
import org.favstream.protocol.RewardDefinition;
import org.favstream.reward.registry.Decisions;
import org.favstream.reward.registry.NewReward;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.RefusedException.Kind;
import org.favstream.reward.registry.Registry;
import org.favstream.reward.registry.RewardOperations;

/** What can be asked of a run; {@code openapi.json} beside this class says it to programs. */
final class ControlApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_EVENTS = 1000;

  private final RewardOperations operations;
  private final List<Route> routes;

  ControlApi(RewardOperations operations) {
    this.operations = operations;
    this.routes =
        List.of(
            new Route("GET", "/v1/status", this::status),
            new Route("GET", "/v1/rewards", this::rewards),
            new Route("POST", "/v1/rewards", this::add),
            new Route("GET", "/v1/rewards/{name}/{version}", this::reward),
            new Route("POST", "/v1/rewards/{name}/{version}/backtests", this::backtest),
            new Route("GET", "/v1/backtests/{id}", this::backtesting),
            new Route("POST", "/v1/rewards/{name}/{version}/shadow", this::shadow),
            new Route("POST", "/v1/rewards/{name}/{version}/activate", this::activate),
            new Route("POST", "/v1/rollback", this::rollback),
            new Route("GET", "/v1/history", this::history),
            new Route("PUT", "/v1/artifacts/{sha256}", this::artifact),
            new Route("GET", "/v1/openapi.json", call -> Answer.ok(openApi())));
  }

  List<Route> routes() {
    return routes;
  }

  /** The description of all this. */
  static JsonNode openApi() throws IOException {
    try (InputStream in = ControlApi.class.getResourceAsStream("openapi.json")) {
      return JSON.readTree(in);
    }
  }

  private Answer status(Call call) throws RefusedException {
    return Answer.ok(RewardJson.status(operations.run(), operations.registry()));
  }

  private Answer rewards(Call call) throws RefusedException {
    return Answer.ok(
        RewardJson.rewards(operations.run(), operations.registry(), operations.shadowResults()));
  }

  private Answer reward(Call call) throws RefusedException {
    Registry registry = operations.registry();
    RewardDefinition definition = new Decisions(registry).resolve(call.reward());
    return Answer.ok(RewardJson.reward(definition, registry, operations.shadowResults()));
  }

  private Answer add(Call call) throws RefusedException, IOException {
    JsonNode body =
        call.json(Set.of("name", "newVersion", "kind", "settings", "terms", "artifact", "by"));
    RewardOperations.Done done =
        operations.add(
            new NewReward(
                Call.requiredText(body, "name"),
                Call.flag(body, "newVersion"),
                Call.requiredText(body, "kind"),
                settings(body.path("settings")),
                terms(body.path("terms")),
                artifact(body.path("artifact"))),
            Call.by(body));
    JsonNode json = RewardJson.done(done);
    return new Answer(
        201,
        json,
        "/v1/rewards/%s/%s".formatted(json.path("name").asText(), json.path("version").asText()));
  }

  /** Texts as they are; other values as JSON, which is how HOCON writes them too. */
  private static Map<String, String> settings(JsonNode node) throws RefusedException {
    Map<String, String> settings = new LinkedHashMap<>();
    if (node.isMissingNode() || node.isNull()) {
      return settings;
    }
    if (!node.isObject()) {
      throw new RefusedException(
          Kind.BAD_REQUEST, "settings: got %s, expected an object".formatted(node));
    }
    node.properties()
        .forEach(
            field ->
                settings.put(
                    field.getKey(),
                    field.getValue().isTextual()
                        ? field.getValue().asText()
                        : field.getValue().toString()));
    return settings;
  }

  private static List<NewReward.Term> terms(JsonNode node) throws RefusedException {
    List<NewReward.Term> terms = new ArrayList<>();
    if (!node.isMissingNode() && !node.isNull() && !node.isArray()) {
      throw new RefusedException(
          Kind.BAD_REQUEST, "terms: got %s, expected a list".formatted(node));
    }
    for (JsonNode term : node) {
      Call.requireObject("a term", term, Set.of("reward", "weight"));
      terms.add(
          new NewReward.Term(
              Call.requiredText(term, "reward"),
              term.has("weight") ? Call.number(term, "weight") : 1));
    }
    return terms;
  }

  private static Optional<RewardDefinition.Artifact> artifact(JsonNode node)
      throws RefusedException {
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    Call.requireObject("artifact", node, Set.of("sha256", "size"));
    try {
      return Optional.of(
          new RewardDefinition.Artifact(
              Call.requiredText(node, "sha256"), Call.whole(node, "size", -1)));
    } catch (IllegalArgumentException e) {
      throw new RefusedException(Kind.BAD_REQUEST, String.valueOf(e.getMessage()), e);
    }
  }

  private Answer backtest(Call call) throws RefusedException, IOException {
    JsonNode body = call.json(Set.of("last", "against", "gate", "by"));
    String against = Call.text(body, "against", "");
    RewardOperations.Backtesting begun =
        operations.backtest(
            call.reward(),
            new RewardOperations.BacktestRequest(
                Call.whole(body, "last", 100_000),
                against.isEmpty() ? Optional.empty() : Optional.of(against),
                Call.text(body, "gate", "")),
            Call.by(body));
    return new Answer(202, RewardJson.backtesting(begun), "/v1/backtests/" + begun.id());
  }

  private Answer backtesting(Call call) throws RefusedException {
    return Answer.ok(RewardJson.backtesting(operations.backtesting(call.parameter("id"))));
  }

  private Answer shadow(Call call) throws RefusedException, IOException {
    JsonNode body = call.json(Set.of("share", "by"));
    return Answer.ok(
        RewardJson.done(
            operations.shadow(call.reward(), Call.number(body, "share"), Call.by(body))));
  }

  private Answer activate(Call call) throws RefusedException, IOException {
    JsonNode body = call.json(Set.of("requireBacktest", "blendMillis", "reason", "by"));
    return Answer.ok(
        RewardJson.done(
            operations.activate(
                call.reward(),
                new RewardOperations.ActivationRequest(
                    Call.flag(body, "requireBacktest"),
                    Call.whole(body, "blendMillis", 0),
                    Call.text(body, "reason", "")),
                Call.by(body))));
  }

  private Answer rollback(Call call) throws RefusedException, IOException {
    JsonNode body = call.json(Set.of("reason", "by"));
    return Answer.ok(
        RewardJson.done(operations.rollback(Call.text(body, "reason", ""), Call.by(body))));
  }

  private Answer history(Call call) throws RefusedException {
    String asked = call.parameters().getOrDefault("last", Integer.toString(MOST_EVENTS));
    if (!asked.matches("[0-9]{1,4}") || Integer.parseInt(asked) > MOST_EVENTS) {
      throw new RefusedException(
          Kind.BAD_REQUEST, "last: got '%s', expected 0 to %d".formatted(asked, MOST_EVENTS));
    }
    return Answer.ok(RewardJson.history(operations.registry(), Integer.parseInt(asked)));
  }

  private Answer artifact(Call call) throws RefusedException, IOException {
    RewardDefinition.Artifact artifact = operations.put(call.body(), call.parameter("sha256"));
    return new Answer(201, RewardJson.artifact(artifact), "");
  }
}
