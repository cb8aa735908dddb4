// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.registry.Registry;
import org.favstream.reward.registry.RewardOperations;

/** The registry as JSON. */
final class RewardJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RewardJson() {}

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  static ObjectNode status(String run, Registry registry) {
    ObjectNode node =
        object()
            .put("run", run)
            .put("active", registry.active().toString())
            .put("activation", registry.timeline().current().number())
            .put("rewards", registry.definitions().size());
    registry.previous().ifPresent(previous -> node.put("rollbackTo", previous.toString()));
    ArrayNode shadows = node.putArray("shadows");
    registry.shadows().keySet().forEach(shadow -> shadows.add(shadow.toString()));
    return node;
  }

  /** All rewards, the newest last. */
  static ObjectNode rewards(String run, Registry registry, Map<RewardVersion, String> shadows) {
    ObjectNode node = object().put("run", run).put("active", registry.active().toString());
    ArrayNode all = node.putArray("rewards");
    for (RewardDefinition definition : registry.definitions()) {
      all.add(reward(definition, registry, shadows));
    }
    return node;
  }

  static ObjectNode reward(
      RewardDefinition definition, Registry registry, Map<RewardVersion, String> shadows) {
    RewardVersion reward = definition.reward();
    ObjectNode node =
        definition(definition).put("state", registry.state(reward).name().toLowerCase(Locale.ROOT));
    registry.history().stream()
        .filter(entry -> entry.voidBecause().isEmpty())
        .map(Registry.Entry::event)
        .filter(
            event ->
                event instanceof RegistryEvent.Added added
                    && added.definition().reward().equals(reward))
        .findFirst()
        .ifPresent(
            added ->
                node.put("addedBy", added.origin().by())
                    .put("addedAt", time(added.origin().atMillis())));
    registry.backtest(reward).ifPresent(last -> node.set("backtest", backtested(last)));
    Double share = registry.shadows().get(reward);
    if (share != null) {
      ObjectNode shadow = node.putObject("shadow").put("share", share);
      shadow.put("control", registry.shadowControl(reward));
      putJson(shadow, "result", shadows.getOrDefault(reward, ""));
    }
    return node;
  }

  private static ObjectNode definition(RewardDefinition definition) {
    ObjectNode node =
        object()
            .put("reward", definition.reward().toString())
            .put("name", definition.reward().name())
            .put("version", definition.reward().version())
            .put("kind", definition.kind());
    ObjectNode settings = node.putObject("settings");
    new TreeMap<>(definition.settings()).forEach(settings::put);
    ArrayNode terms = node.putArray("terms");
    for (RewardDefinition.Term term : definition.terms()) {
      terms.addObject().put("reward", term.reward().toString()).put("weight", term.weight());
    }
    definition.artifact().ifPresent(artifact -> node.set("artifact", artifact(artifact)));
    return node;
  }

  static ObjectNode artifact(RewardDefinition.Artifact artifact) {
    return object().put("sha256", artifact.sha256()).put("size", artifact.size());
  }

  private static ObjectNode backtested(RegistryEvent.Backtested event) {
    ObjectNode node =
        object()
            .put("against", event.against().toString())
            .put("gate", event.gate())
            .put("passed", event.failed().isEmpty());
    ArrayNode failed = node.putArray("failed");
    event.failed().forEach(failed::add);
    putJson(node, "result", event.result());
    return node;
  }

  /** Events in their order, the last so many. */
  static ObjectNode history(Registry registry, int last) {
    List<Registry.Entry> all = registry.history();
    ObjectNode node = object().put("total", all.size());
    ArrayNode events = node.putArray("events");
    for (Registry.Entry entry : all.subList(Math.max(0, all.size() - last), all.size())) {
      events.add(entry(entry));
    }
    return node;
  }

  private static ObjectNode entry(Registry.Entry entry) {
    ObjectNode node = event(entry.event(), entry.offset());
    entry.voidBecause().ifPresent(reason -> node.put("void", reason));
    return node;
  }

  /** What was done. */
  static ObjectNode done(RewardOperations.Done done) {
    ObjectNode node = event(done.event(), done.offset());
    if (!done.checkedOn().isEmpty()) {
      node.put("checkedOn", done.checkedOn());
    }
    return node;
  }

  private static ObjectNode event(RegistryEvent event, long offset) {
    ObjectNode node =
        object()
            .put("offset", offset)
            .put("at", time(event.origin().atMillis()))
            .put("by", event.origin().by());
    if (event instanceof RegistryEvent.Added added) {
      node.put("event", "added").setAll(definition(added.definition()));
    } else if (event instanceof RegistryEvent.Backtested backtested) {
      node.put("event", "backtested").put("reward", backtested.reward().toString());
      node.setAll(backtested(backtested));
    } else if (event instanceof RegistryEvent.Shadowed shadowed) {
      node.put("event", "shadowed")
          .put("reward", shadowed.reward().toString())
          .put("share", shadowed.share());
      putJson(node, "result", shadowed.result());
    } else if (event instanceof RegistryEvent.Activated activated) {
      node.put("event", activated.rollback() ? "rolled-back" : "activated")
          .put("reward", activated.reward().toString())
          .put("activation", activated.number())
          .put("blendMillis", activated.blendMillis())
          .put("reason", activated.reason());
      ObjectNode fence = node.putObject("fence");
      new TreeMap<>(activated.fence())
          .forEach((partition, offsetOf) -> fence.put(Integer.toString(partition), offsetOf));
    } else if (event instanceof RegistryEvent.Alarmed alarmed) {
      node.put("event", "alarmed")
          .put("alarm", alarmed.alarm())
          .put("weightsVersion", alarmed.weightsVersion())
          .put("detail", alarmed.detail());
    }
    return node;
  }

  static ObjectNode backtesting(RewardOperations.Backtesting backtest) {
    ObjectNode node =
        object()
            .put("id", backtest.id())
            .put("reward", backtest.reward().toString())
            .put("against", backtest.against().toString())
            .put("groups", backtest.groups())
            .put("groupsDone", backtest.groupsDone())
            .put(
                "state",
                backtest.isRunning() ? "running" : backtest.done().isPresent() ? "done" : "failed");
    backtest.done().ifPresent(done -> node.set("outcome", done(done)));
    backtest.failure().ifPresent(failure -> node.set("problem", Problem.of(failure).toJson()));
    return node;
  }

  private static String time(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }

  /** JSON that stands on the log as text. */
  private static void putJson(ObjectNode node, String key, String text) {
    if (text.isEmpty()) {
      return;
    }
    try {
      JsonNode json = JSON.readTree(text);
      node.set(key, json);
    } catch (JsonProcessingException e) {
      node.put(key, text);
    }
  }
}
