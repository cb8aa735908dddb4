// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.reward.registry.RefusedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ControlServerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ADD_A =
      "{\"name\": \"a\", \"kind\": \"sum\", \"by\": \"alice\","
          + " \"terms\": [{\"reward\": \"own\", \"weight\": -1}],"
          + " \"settings\": {\"heights\": [1, 0.5], \"kind\": \"x\"}}";

  private static final String METRICS = "favstream_learner_step 7.0\n";

  private final FakeOperations operations = new FakeOperations();
  private final HttpClient client = HttpClient.newHttpClient();
  private ControlServer server;

  ControlServerTest() {
    this.server = ControlServer.start(settings(0, ""), operations, () -> METRICS);
  }

  private static ControlSettings settings(int port, String token) {
    return new ControlSettings(
        "127.0.0.1", port, "control.port", token, Optional.empty(), Duration.ofSeconds(1));
  }

  @BeforeEach
  void requireLoopback() {
    assertThat(server.url()).matches("http://127\\.0\\.0\\.1:[1-9][0-9]*");
  }

  @AfterEach
  void close() {
    server.close();
  }

  private void serveWithToken(String token) {
    server.close();
    server = ControlServer.start(settings(0, token), operations, () -> METRICS);
  }

  private HttpRequest.Builder at(String path) {
    return HttpRequest.newBuilder(URI.create(server.url() + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(at(path).GET());
  }

  private HttpResponse<String> post(String path, String body)
      throws IOException, InterruptedException {
    return send(
        at(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static JsonNode requireOk(HttpResponse<String> response, int status) throws IOException {
    assertThat(response.statusCode()).describedAs(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    return JSON.readTree(response.body());
  }

  private static void requireProblem(
      HttpResponse<String> response, int status, String kind, String... said) throws IOException {
    assertThat(response.statusCode()).describedAs(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonNode problem = JSON.readTree(response.body());
    assertThat(problem.path("type").asText()).isEqualTo("urn:favstream:problem:" + kind);
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("title").asText()).isNotBlank();
    assertThat(problem.path("detail").asText()).contains(said);
  }

  @Test
  void shouldDoWhatARewardGoesThrough() throws IOException, InterruptedException {
    JsonNode status = requireOk(get("/v1/status"), 200);
    assertThat(status.path("run").asText()).isEqualTo("run-1");
    assertThat(status.path("active").asText()).isEqualTo("own@1");

    HttpResponse<String> added = post("/v1/rewards", ADD_A);
    JsonNode event = requireOk(added, 201);
    assertThat(event.path("reward").asText()).isEqualTo("a@1");
    assertThat(event.path("by").asText()).isEqualTo("alice");
    assertThat(event.path("checkedOn").asText()).isEqualTo("a test's group");
    String location = added.headers().firstValue("Location").orElseThrow();
    JsonNode reward = requireOk(get(location), 200);
    assertThat(reward.path("state").asText()).isEqualTo("candidate");
    assertThat(reward.at("/settings/heights").asText()).isEqualTo("[1,0.5]");
    assertThat(reward.at("/settings/kind").asText()).isEqualTo("x");
    assertThat(reward.at("/terms/0/weight").asDouble()).isEqualTo(-1);

    HttpResponse<String> begun =
        post(location + "/backtests", "{\"last\": 500, \"gate\": \"rank>=0\"}");
    assertThat(requireOk(begun, 202).path("state").asText()).isEqualTo("running");
    JsonNode backtest = requireOk(get(begun.headers().firstValue("Location").orElseThrow()), 200);
    assertThat(backtest.path("state").asText()).isEqualTo("done");
    assertThat(backtest.at("/outcome/passed").asBoolean()).isTrue();
    assertThat(backtest.at("/outcome/result/particles").asInt()).isEqualTo(500);

    JsonNode shadow = requireOk(post(location + "/shadow", "{\"share\": 0.1}"), 200);
    assertThat(shadow.path("share").asDouble()).isEqualTo(0.1);
    assertThat(requireOk(get("/v1/rewards/a/newest"), 200).at("/shadow/result/groups").asInt())
        .isEqualTo(2);
    requireOk(post(location + "/shadow", "{\"share\": 0}"), 200);

    JsonNode active =
        requireOk(
            post(
                location + "/activate",
                "{\"blendMillis\": 3000, \"requireBacktest\": true, \"reason\": \"better\"}"),
            200);
    assertThat(active.path("activation").asInt()).isEqualTo(1);
    assertThat(active.at("/fence/11").asInt()).isEqualTo(7);
    JsonNode rewards = requireOk(get("/v1/rewards"), 200);
    assertThat(rewards.at("/rewards/0/state").asText()).isEqualTo("retired");
    assertThat(rewards.at("/rewards/1/state").asText()).isEqualTo("active");

    assertThat(requireOk(post("/v1/rollback", "{}"), 200).path("reward").asText())
        .isEqualTo("own@1");
    JsonNode history = requireOk(get("/v1/history"), 200);
    assertThat(history.findValuesAsText("event"))
        .containsExactly("added", "backtested", "shadowed", "shadowed", "activated", "rolled-back");
    assertThat(requireOk(get("/v1/history?last=2"), 200).path("events")).hasSize(2);
    assertThat(requireOk(get("/v1/history?last=2"), 200).path("total").asInt()).isEqualTo(6);
  }

  @Test
  void shouldTakeAFile() throws IOException, InterruptedException {
    String digest = "ab".repeat(32);
    byte[] bytes = "code".getBytes(StandardCharsets.UTF_8);
    JsonNode artifact =
        requireOk(
            send(at("/v1/artifacts/" + digest).PUT(HttpRequest.BodyPublishers.ofByteArray(bytes))),
            201);
    assertThat(artifact.path("sha256").asText()).isEqualTo(digest);
    assertThat(artifact.path("size").asInt()).isEqualTo(4);
    requireProblem(
        send(at("/v1/artifacts/" + digest).PUT(HttpRequest.BodyPublishers.noBody())),
        422,
        "unusable",
        "the file is empty");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "/v1/rewards | 400 | bad-request | {\"name\": \"a\"} | kind is missing",
        "/v1/rewards | 400 | bad-request | {\"name\": 3, \"kind\": \"sum\"} | name: got 3",
        "/v1/rewards | 400 | bad-request | {\"colour\": 1} | unknown key 'colour'",
        "/v1/rewards | 400 | bad-request | [1] | must be an object",
        "/v1/rewards | 400 | bad-request | {\"name\": | no JSON",
        "/v1/rewards | 400 | bad-request | {\"name\":\"a\",\"kind\":\"sum\",\"terms\":[3]} | a term",
        "/v1/rewards | 400 | bad-request | {\"name\":\"a\",\"kind\":\"remote\",\"settings\":3} | settings",
        "/v1/rewards | 400 | bad-request | {\"name\":\"a\",\"kind\":\"torchscript\",\"artifact\":{\"sha256\":\"x\"}} | 64",
        "/v1/rewards | 400 | bad-request | {\"name\":\"a\",\"kind\":\"remote\",\"by\":\"\"} | by: expected",
        "/v1/rewards | 409 | conflict | {\"name\": \"own\", \"kind\": \"remote\"} | own is in use",
        "/v1/rewards/b/1/activate | 404 | not-found | {} | no reward b@1",
        "/v1/rewards/own/x/activate | 400 | bad-request | {} | NAME@VERSION",
        "/v1/rewards/own/1/activate | 409 | conflict | {} | active one already",
        "/v1/rewards/own/1/activate | 400 | bad-request | {\"blendMillis\": \"30s\"} | whole number",
        "/v1/rewards/own/1/shadow | 400 | bad-request | {} | share is missing",
        "/v1/rollback | 409 | conflict | {} | nothing to go back to",
        "/v1/nowhere | 404 | not-found | {} | no /v1/nowhere",
        "/ | 404 | not-found | {} | openapi.json",
        "/v1/history | 405 | method | {} | takes [GET], got POST",
      })
  void shouldNameTheProblem(String path, int status, String kind, String body, String said)
      throws IOException, InterruptedException {
    requireProblem(post(path, body), status, kind, said);
  }

  @ParameterizedTest
  @EnumSource(RefusedException.Kind.class)
  void shouldGiveEveryRefusalAStatus(RefusedException.Kind kind)
      throws IOException, InterruptedException {
    operations.refusal = Optional.of(new RefusedException(kind, "because"));
    HttpResponse<String> answer = get("/v1/rewards");
    requireProblem(
        answer,
        Problem.of(operations.refusal.get()).status(),
        kind.name().toLowerCase(Locale.ROOT).replace('_', '-'),
        "because");
    assertThat(answer.statusCode()).isIn(400, 404, 409, 413, 422, 503);
  }

  @Test
  void shouldRefuseABodyThatIsTooLarge() throws IOException, InterruptedException {
    String large = "{\"name\": \"" + "a".repeat(Call.MOST_JSON_BYTES) + "\"}";
    requireProblem(post("/v1/rewards", large), 413, "too-large", "larger than 262144 bytes");
    requireOk(get("/v1/status"), 200);
  }

  @Test
  void shouldAnswerWhoStillSendsAFileThatIsRefused() throws IOException, InterruptedException {
    operations.fileRefusal =
        Optional.of(new RefusedException(RefusedException.Kind.TOO_LARGE, "larger than 5 bytes"));
    byte[] large = new byte[20 << 20];
    requireProblem(
        send(
            at("/v1/artifacts/" + "ab".repeat(32))
                .PUT(HttpRequest.BodyPublishers.ofByteArray(large))),
        413,
        "too-large",
        "larger than 5 bytes");
  }

  @Test
  void shouldSpeakTlsWithTheKeyStoreThatItIsGiven(@TempDir Path folder)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path file = folder.resolve("server.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                file.toString(),
                "-storepass",
                "changeit",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1")
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).describedAs(said).isZero();
    assertThatThrownBy(() -> ControlServer.start(tls(file, "wrong"), operations, () -> METRICS))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContainingAll("control.tls.key-store", "server.p12", "password");
    server.close();
    server = ControlServer.start(tls(file, "changeit"), operations, () -> METRICS);
    assertThat(server.url()).startsWith("https://127.0.0.1:");
    HttpClient trusting = HttpClient.newBuilder().sslContext(trusting(file)).build();
    HttpResponse<String> answer =
        trusting.send(at("/v1/status").GET().build(), HttpResponse.BodyHandlers.ofString());
    assertThat(requireOk(answer, 200).path("run").asText()).isEqualTo("run-1");
  }

  private static ControlSettings tls(Path file, String password) {
    return new ControlSettings(
        "127.0.0.1",
        0,
        "control.port",
        "",
        Optional.of(new ControlSettings.KeyStoreFile(file, password, "PKCS12")),
        Duration.ofSeconds(1));
  }

  private static SSLContext trusting(Path file) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, "changeit".toCharArray());
    }
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("server", store.getCertificate("server"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  @Test
  void shouldLetInWhoHasTheTokenAlone() throws IOException, InterruptedException {
    serveWithToken("s3cret");
    for (String given : List.of("", "Bearer", "Bearer s3cre", "Bearer s3cret2", "Basic s3cret")) {
      HttpRequest.Builder request = at("/v1/status").GET();
      HttpResponse<String> refused =
          send(given.isEmpty() ? request : request.header("Authorization", given));
      requireProblem(refused, 401, "unauthorized", "token");
      assertThat(refused.body()).doesNotContain("s3cret");
      assertThat(refused.headers().firstValue("WWW-Authenticate")).isPresent();
    }
    requireOk(send(at("/v1/status").header("Authorization", "Bearer s3cret").GET()), 200);
    requireProblem(post("/v1/nowhere", "{}"), 401, "unauthorized", "token");
  }

  @Test
  void shouldKeepPagesOfABrowserOut() throws IOException, InterruptedException {
    requireProblem(
        send(
            at("/v1/rollback")
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))),
        415,
        "content-type",
        "application/json");
    requireProblem(
        send(at("/v1/rollback").POST(HttpRequest.BodyPublishers.noBody())),
        415,
        "content-type",
        "application/json");
    // A name that leads to this machine; the client would not send another host than it calls.
    URI at = URI.create(server.url());
    try (Socket socket = new Socket(at.getHost(), at.getPort())) {
      socket
          .getOutputStream()
          .write(
              "GET /v1/status HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 403")
          .contains("evil.example");
    }
  }

  @Test
  void shouldNameThePortThatIsInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(
              () ->
                  ControlServer.start(
                      settings(taken.getLocalPort(), ""), operations, () -> METRICS))
          .isInstanceOf(ControlException.class)
          .hasMessageContainingAll(
              "control.port", taken.getLocalPort() + " is in use", "control.port=0");
    }
  }

  @Test
  void shouldNotListenBeyondLoopbackWithoutAToken() {
    assertThatThrownBy(
            () ->
                new ControlSettings(
                    "0.0.0.0", 0, "control.port", "", Optional.empty(), Duration.ofSeconds(1)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContainingAll("control.host is 0.0.0.0", "control.token", "FAVSTREAM_TOKEN");
    ControlSettings open =
        new ControlSettings(
            "0.0.0.0", 0, "control.port", "s3cret", Optional.empty(), Duration.ofSeconds(1));
    assertThat(open.toString()).doesNotContain("s3cret");
  }

  private void requireMetrics(HttpResponse<String> response) {
    assertThat(response.statusCode()).describedAs(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
    assertThat(response.body()).isEqualTo(METRICS);
  }

  @Test
  void shouldServeMetricsToThoseWhoHaveTheToken() throws IOException, InterruptedException {
    requireMetrics(get("/metrics"));
    serveWithToken("s3cret");
    requireProblem(get("/metrics"), 401, "unauthorized", "a token is needed");
    requireMetrics(send(at("/metrics").header("Authorization", "Bearer s3cret").GET()));
  }

  @Test
  void shouldServeNothingElseWhereNothingIsControlled() throws IOException, InterruptedException {
    server.close();
    server = ControlServer.ofMetrics(settings(0, ""), () -> METRICS);
    assertThat(server.metricsUrl()).isEqualTo(server.url() + "/metrics");
    requireMetrics(get("/metrics"));
    requireProblem(get("/v1/status"), 404, "not-found", "there is [/metrics]");
    requireProblem(post("/metrics", "{}"), 405, "method", "GET");
  }

  @Test
  void shouldDescribeEveryRouteAndNoOther() throws IOException, InterruptedException {
    JsonNode description = requireOk(get("/v1/openapi.json"), 200);
    List<String> described = new ArrayList<>();
    description
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(
                        method ->
                            described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
    assertThat(described)
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    Stream.of("GET /metrics"),
                    new ControlApi(operations)
                        .routes().stream().map(route -> route.method() + " " + route.path()))
                .toList());
    List<String> references = description.findValuesAsText("$ref");
    assertThat(references)
        .isNotEmpty()
        .allSatisfy(
            reference ->
                assertThat(description.at(reference.substring(1)).isObject())
                    .describedAs(reference)
                    .isTrue());
  }
}
