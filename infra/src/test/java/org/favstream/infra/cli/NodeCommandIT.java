// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.favstream.infra.run.NodeRole;
import org.favstream.infra.system.RealBroker;
import org.favstream.infra.system.TestLog;
import org.favstream.infra.system.TestLoop;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A sampler in a process of its own, which joins a run. */
@ExtendWith(RealBroker.class)
class NodeCommandIT {
  private static final long PATIENCE_SECONDS = 120;
  private static final String[] SETTINGS = {
    "generator.steps=1", "sampler.particles-per-context=32", "sampler.device=cpu"
  };

  private final TestLog log;

  @TempDir private Path checkpoints;

  NodeCommandIT(TestLog log) {
    this.log = log;
  }

  private List<String> node(String run, String... settings) {
    List<String> words = new ArrayList<>(List.of("node", "eight-gaussians", "--role", "sampler"));
    words.addAll(List.of("--run", run, "--name", "gpu-7"));
    words.addAll(List.of("--bootstrap-servers", log.bootstrapServers()));
    for (String setting : settings) {
      words.addAll(List.of("--set", setting));
    }
    return words;
  }

  /** Where it says that its metrics are. */
  private static String metricsUrl(BufferedReader said) throws Exception {
    CompletableFuture<String> url =
        CompletableFuture.supplyAsync(
            () ->
                said.lines()
                    .filter(line -> line.startsWith("metrics  "))
                    .findFirst()
                    .orElseThrow()
                    .substring("metrics  ".length()));
    return url.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void shouldSampleForARunAndShowItsMetricsUntilItIsTerminated() throws Exception {
    try (TestLoop loop = new TestLoop(log, TestLoop.job(SETTINGS), checkpoints)) {
      loop.withLearner().with(NodeRole.REWARD, "reward");
      List<String> command = Cli.java();
      command.addAll(node(loop.node().run(), SETTINGS));
      Process node =
          new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
      try (BufferedReader said = node.errorReader()) {
        String url = metricsUrl(said);
        loop.awaitStep(40);
        HttpResponse<String> metrics =
            HttpClient.newHttpClient()
                .send(
                    HttpRequest.newBuilder(URI.create(url)).build(),
                    HttpResponse.BodyHandlers.ofString());
        assertThat(metrics.body().lines())
            .anySatisfy(
                line ->
                    assertThat(line).startsWith("favstream_sampler_groups_total{sampler=\"gpu-7"))
            .anySatisfy(
                line -> assertThat(line).startsWith("favstream_info{").contains("role=\"sampler\""))
            .noneSatisfy(line -> assertThat(line).startsWith("favstream_learner"));
        node.toHandle().destroy(); // and what it said can still be read
        assertThat(node.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(said.lines()).noneMatch(line -> line.contains("Exception"));
      } finally {
        node.destroyForcibly();
      }
    }
  }

  @Test
  void shouldNameThePortThatIsInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = "metrics.port=" + taken.getLocalPort();
      String[] settings =
          Stream.concat(Stream.of(SETTINGS), Stream.of(port)).toArray(String[]::new);
      Cli.run(node("test-of-a-port", settings).toArray(String[]::new))
          .requireRefused(
              1, port.replace('=', ':').substring(0, 12), "is in use", "metrics.port=0");
    }
  }
}
