// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.favstream.actors.runtime.Faults;

/**
 * One request to a remote scorer, and all that its answer must be. Believes nothing: what is no
 * right answer becomes an exception that names the scorer, what was got and what was expected.
 */
final class ScorerClient {
  // Python's json writes NaN as it stands, which is no JSON: read, so as to be refused by name.
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * The longest answer that is read: a number has at most 25 characters, and there is some room.
   */
  private static final int BYTES_A_REWARD = 64;

  private static final int OTHER_BYTES = 1 << 16;
  private static final int SHOWN = 200;

  private final HttpClient http;
  private final HttpRequest.Builder request;
  private final Duration timeout;
  private final String name;

  ScorerClient(URI url, Duration timeout, Optional<String> token) {
    this.timeout = timeout;
    this.name = nameOf(url);
    // Redirects are not followed: a token would go where nobody sent it.
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    this.request = HttpRequest.newBuilder(url).header("Content-Type", "application/json");
    token.ifPresent(value -> request.header("Authorization", "Bearer " + value));
  }

  /** Without its query, which may hold a secret. */
  private static String nameOf(URI url) {
    return "remote scorer %s://%s%s".formatted(url.getScheme(), url.getAuthority(), url.getPath());
  }

  /** Who is asked, for messages. */
  String name() {
    return name;
  }

  /**
   * Asks for rewards.
   *
   * @return {@code (rows)}, finite
   * @throws ScorerUnavailableException where no answer came this time
   * @throws RewardModelException where the answer is none; the next would be the same
   */
  double[] ask(Rows rows) throws ScorerUnavailableException, InterruptedException {
    int limit = OTHER_BYTES + BYTES_A_REWARD * rows.count();
    HttpRequest post = request.copy().POST(BodyPublishers.ofByteArray(json(rows))).build();
    HttpResponse<byte[]> response = exchange(post, limit);
    int status = response.statusCode();
    if (status == 408 || status == 429 || status >= 500) {
      throw new ScorerUnavailableException(
          name + ": HTTP status %d (%s), expected 200".formatted(status, begin(response.body())),
          status == 500);
    }
    if (status >= 300 && status < 400) {
      throw bad(
          "HTTP status %d to '%s', expected 200: redirects are not followed, give the final address"
              .formatted(status, response.headers().firstValue("Location").orElse("nowhere")));
    }
    if (status != 200) {
      throw bad("HTTP status %d (%s), expected 200".formatted(status, begin(response.body())));
    }
    if (response.body().length > limit) {
      throw bad(
          "got more than %d bytes, expected {\"rewards\": [...]} of %d numbers"
              .formatted(limit, rows.count()));
    }
    return rewards(response.body(), rows.count());
  }

  /** One deadline for all of it: the client's own ends where the body begins. */
  private HttpResponse<byte[]> exchange(HttpRequest post, int limit)
      throws ScorerUnavailableException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(post, info -> new LimitedBody(limit));
    try {
      return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new ScorerUnavailableException(
          name + ": no answer within %d ms".formatted(timeout.toMillis()), e);
    } catch (ExecutionException e) {
      throw new ScorerUnavailableException(name + ": no answer: " + Faults.describe(e), e);
    } finally {
      answer.cancel(true);
    }
  }

  private byte[] json(Rows rows) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeArrayFieldStart("particles");
      for (int row = 0; row < rows.count(); row++) {
        json.writeStartArray();
        for (int j = 0; j < rows.d(); j++) {
          json.writeNumber(finite(rows.particle(row, j), "particle", rows.first() + row));
        }
        json.writeEndArray();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("contexts");
      for (int row = 0; row < rows.count(); row++) {
        json.writeStartArray();
        for (int j = 0; j < rows.contextSize(); j++) {
          json.writeNumber(
              finite(rows.context(row, j), "the context of particle", rows.first() + row));
        }
        json.writeEndArray();
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("into memory", e);
    }
    return bytes.toByteArray();
  }

  private double finite(double number, String what, int row) {
    if (!Double.isFinite(number)) {
      throw new IllegalArgumentException(
          "%s: not asked: %s %d holds %s, expected finite numbers"
              .formatted(name, what, row, number));
    }
    return number;
  }

  private double[] rewards(byte[] body, int count) {
    String expected = "expected {\"rewards\": [...]} of %d finite numbers".formatted(count);
    JsonNode rewards;
    try {
      rewards = JSON.readTree(body).path("rewards");
    } catch (JsonProcessingException e) {
      throw bad(
          "got no JSON (%s; it begins: %s), %s"
              .formatted(e.getOriginalMessage(), begin(body), expected));
    } catch (IOException e) {
      throw new UncheckedIOException("from memory", e);
    }
    if (!rewards.isArray()) {
      throw bad("got no array 'rewards' (it begins: %s), %s".formatted(begin(body), expected));
    }
    if (rewards.size() != count) {
      throw bad("got %d rewards, %s".formatted(rewards.size(), expected));
    }
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      JsonNode reward = rewards.get(i);
      values[i] = reward.doubleValue();
      if (!reward.isNumber() || !Double.isFinite(values[i])) {
        throw bad("rewards[%d] is %s, %s".formatted(i, shown(reward.asText()), expected));
      }
    }
    return values;
  }

  private RewardModelException bad(String what) {
    return new RewardModelException(name + ": " + what);
  }

  private static String begin(byte[] body) {
    return shown(new String(body, 0, Math.min(body.length, 4 * SHOWN), StandardCharsets.UTF_8));
  }

  private static String shown(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
    if (line.isEmpty()) {
      return "nothing";
    }
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
  }

  /**
   * Some of the rows of a block.
   *
   * @param particles {@code (all rows, d)}, row-major
   * @param contexts {@code (all rows, contextSize)}, row-major
   * @param first the first of them
   * @param count how many
   */
  @SuppressWarnings("ArrayRecordComponent") // seen through, never shared
  record Rows(double[] particles, float[] contexts, int d, int contextSize, int first, int count) {

    double particle(int row, int j) {
      return particles[(first + row) * d + j];
    }

    /** Widened, so that who reads it has the number to the bit. */
    double context(int row, int j) {
      return contexts[(first + row) * contextSize + j];
    }
  }
}
