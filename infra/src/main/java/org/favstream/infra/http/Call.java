// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.RefusedException.Kind;

/**
 * A request that was let in.
 *
 * @param parameters of the path and the query
 * @param body not read yet
 */
record Call(Map<String, String> parameters, InputStream body) {

  /** The largest body of JSON. */
  static final int MOST_JSON_BYTES = 256 * 1024;

  private static final int LONGEST_NAME = 100;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * What is answered.
   *
   * @param status of HTTP
   * @param type of the text, as HTTP has it
   * @param location of what was made; empty where nothing was
   */
  record Answer(int status, String type, String text, String location) {
    Answer(int status, JsonNode json, String location) {
      this(status, "application/json", json.toPrettyString() + "\n", location);
    }

    static Answer ok(JsonNode json) {
      return new Answer(200, json, "");
    }
  }

  /** Answers a call. */
  @FunctionalInterface
  interface Handler {
    Answer on(Call call) throws RefusedException, IOException;
  }

  /** A parameter of the path. */
  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }

  /** The reward that the path names; version {@code newest} is the newest. */
  String reward() {
    String version = parameter("version");
    return version.equals("newest")
        ? parameter("name")
        : parameter("name") + "@" + parameter("version");
  }

  /**
   * The body, an object of these keys and no others.
   *
   * @throws RefusedException where it is none
   */
  JsonNode json(Set<String> known) throws RefusedException, IOException {
    byte[] bytes = body.readNBytes(MOST_JSON_BYTES + 1);
    if (bytes.length > MOST_JSON_BYTES) {
      throw new RefusedException(
          Kind.TOO_LARGE, "the body is larger than %d bytes".formatted(MOST_JSON_BYTES));
    }
    JsonNode node;
    try {
      node = JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new RefusedException(
          Kind.BAD_REQUEST, "the body is no JSON: " + e.getOriginalMessage(), e);
    }
    requireObject("the body", node, known);
    return node;
  }

  static void requireObject(String what, JsonNode node, Set<String> known) throws RefusedException {
    if (!node.isObject()) {
      throw new RefusedException(
          Kind.BAD_REQUEST,
          "%s must be an object with some of %s".formatted(what, new TreeSet<>(known)));
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!known.contains(field.getKey())) {
        throw new RefusedException(
            Kind.BAD_REQUEST,
            "%s: unknown key '%s'; known here: %s"
                .formatted(what, field.getKey(), String.join(", ", new TreeSet<>(known))));
      }
    }
  }

  /** A text, or what it is where it is not there. */
  static String text(JsonNode node, String key, String otherwise) throws RefusedException {
    JsonNode value = node.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isTextual()) {
      throw wrong(key, value, "a text");
    }
    return value.asText();
  }

  static String requiredText(JsonNode node, String key) throws RefusedException {
    String text = text(node, key, "");
    if (text.isBlank()) {
      throw new RefusedException(Kind.BAD_REQUEST, "%s is missing".formatted(key));
    }
    return text;
  }

  static boolean flag(JsonNode node, String key) throws RefusedException {
    JsonNode value = node.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return false;
    }
    if (!value.isBoolean()) {
      throw wrong(key, value, "true or false");
    }
    return value.booleanValue();
  }

  static long whole(JsonNode node, String key, long otherwise) throws RefusedException {
    JsonNode value = node.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrong(key, value, "a whole number");
    }
    return value.longValue();
  }

  static double number(JsonNode node, String key) throws RefusedException {
    JsonNode value = node.path(key);
    if (!value.isNumber()) {
      throw wrong(key, value, "a number");
    }
    return value.doubleValue();
  }

  /** Who asks, as they say. */
  static String by(JsonNode node) throws RefusedException {
    String by = text(node, "by", "anonymous").strip();
    if (by.isEmpty() || by.length() > LONGEST_NAME || by.chars().anyMatch(c -> c < ' ')) {
      throw new RefusedException(
          Kind.BAD_REQUEST, "by: expected a name of 1 to %d letters".formatted(LONGEST_NAME));
    }
    return by;
  }

  private static RefusedException wrong(String key, JsonNode got, String expected) {
    return new RefusedException(
        Kind.BAD_REQUEST,
        got.isMissingNode()
            ? "%s is missing, expected %s".formatted(key, expected)
            : "%s: got %s, expected %s".formatted(key, got, expected));
  }
}
