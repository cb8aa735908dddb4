// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.favstream.actors.runtime.Faults;
import org.jspecify.annotations.Nullable;

/**
 * Asks the control of a run; what it does not do, or where nobody answers, comes back as a {@link
 * ControlException}.
 */
public final class ControlClient {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  /** More than the longest answer takes: two trials of a model and the log. */
  private static final Duration ANSWER = Duration.ofMinutes(5);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI base;
  private final String token;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(CONNECT).version(HttpClient.Version.HTTP_1_1).build();

  /**
   * A client; nothing is asked yet.
   *
   * @param url where the control listens, such as {@code http://127.0.0.1:4711}
   * @param token that it wants; empty for none
   * @throws IllegalArgumentException where the URL is none
   */
  public ControlClient(String url, String token) {
    URI uri = URI.create(url);
    if (uri.getHost() == null || !url.matches("https?://[^?#]+")) {
      throw new IllegalArgumentException(
          "got '%s', expected a URL such as http://127.0.0.1:4711".formatted(url));
    }
    this.base = URI.create(url.replaceFirst("/+$", ""));
    this.token = token;
  }

  /**
   * What stands there.
   *
   * @param path with its query, beginning with a slash
   */
  public JsonNode get(String path) throws InterruptedException {
    return answer(request(path).GET());
  }

  /** What is answered to JSON. */
  public JsonNode post(String path, JsonNode body) throws InterruptedException {
    return answer(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString(), StandardCharsets.UTF_8)));
  }

  /**
   * What is answered to a file.
   *
   * @throws FileNotFoundException where there is none
   */
  public JsonNode put(String path, Path file) throws InterruptedException, FileNotFoundException {
    return answer(
        request(path)
            .header("Content-Type", "application/octet-stream")
            .PUT(HttpRequest.BodyPublishers.ofFile(file)));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).timeout(ANSWER);
    return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
  }

  private JsonNode answer(HttpRequest.Builder request) throws InterruptedException {
    HttpResponse<byte[]> response;
    try {
      response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (ConnectException e) {
      throw unanswered("nobody listens there", e); // its own message is often none
    } catch (IOException e) {
      throw unanswered(Faults.describe(e), e);
    }
    JsonNode json;
    try {
      json = JSON.readTree(response.body());
    } catch (JsonProcessingException e) {
      throw notOurs(response, e);
    } catch (IOException e) {
      throw new ControlException("unavailable", Faults.describe(e), e);
    }
    if (response.statusCode() < 300) {
      return json;
    }
    String type = json.path("type").asText();
    if (!type.startsWith(Problem.TYPE_PREFIX)) {
      throw notOurs(response, null);
    }
    throw new ControlException(
        type.substring(Problem.TYPE_PREFIX.length()), json.path("detail").asText());
  }

  private ControlException unanswered(String why, IOException cause) {
    return new ControlException(
        "unavailable",
        "no run answers at %s: %s; is it running, and is --url right?".formatted(base, why),
        cause);
  }

  private ControlException notOurs(HttpResponse<byte[]> response, @Nullable Exception cause) {
    String message =
        "what answers at %s is no control of a run (status %d)"
            .formatted(base, response.statusCode());
    return cause == null
        ? new ControlException("unavailable", message)
        : new ControlException("unavailable", message, cause);
  }
}
