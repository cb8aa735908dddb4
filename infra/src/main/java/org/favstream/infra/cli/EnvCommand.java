// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.infra.environment.EnvironmentCatalog;
import org.favstream.infra.environment.NodeEnvironments;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.EnvironmentSource;
import org.favstream.sampler.environment.remote.EnvironmentServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code favstream env}. */
@Command(
    name = "env",
    mixinStandardHelpOptions = true,
    description = {
      "Serves an environment on loopback until Ctrl-C; says where it listens.",
      "Each connection has copies of its own. The protocol is documented in",
      "infra/docs/environment-protocol.md.",
      "mujoco-reacher needs Node.js 18 or newer; npm fetches MuJoCo on first use."
    },
    footer = {
      "",
      "Examples:",
      "  favstream env point-mass --port 4711",
      "  favstream env mujoco-reacher --copies 8"
    })
final class EnvCommand implements Callable<Integer> {
  private static final int MOST_PORTS = 65535;

  @Parameters(paramLabel = "NAME", description = "Such as point-mass or mujoco-reacher.")
  private String name = "";

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Where it listens; 0 takes any free port (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--copies",
      paramLabel = "N",
      description = "How many are stepped together (default: ${DEFAULT-VALUE}).")
  private int copies = 8;

  @Option(
      names = "--end-with-input",
      description = "End when standard input does: for a program that starts it.")
  private boolean endWithInput;

  @Override
  public Integer call() throws EnvironmentException, InterruptedException {
    require(port >= 0 && port <= MOST_PORTS, "--port: got " + port + ", expected 0 to 65535");
    require(copies >= 1, "--copies: got " + copies + ", expected at least 1");
    NodeEnvironments inNode = NodeEnvironments.ofDistribution();
    if (inNode.names().contains(name)) {
      return serveInNode(inNode);
    }
    Optional<EnvironmentSource> source = EnvironmentCatalog.source(name, copies);
    SortedSet<String> known = EnvironmentCatalog.names();
    known.addAll(inNode.names());
    require(source.isPresent(), "unknown environment '" + name + "'; there are " + known);
    return serve(source.get());
  }

  private static void require(boolean sound, String message) {
    if (!sound) {
      throw new ConfigurationException(message);
    }
  }

  private int serve(EnvironmentSource source) throws EnvironmentException, InterruptedException {
    try (EnvironmentServer server = EnvironmentServer.start(source, port)) {
      Favstream.out().println("listening on " + server.address());
      if (endWithInput) {
        System.in.transferTo(OutputStream.nullOutputStream());
      } else {
        new CountDownLatch(1).await(); // until Ctrl-C
      }
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** It says itself where it listens, and why it does not. */
  private int serveInNode(NodeEnvironments inNode)
      throws EnvironmentException, InterruptedException {
    ProcessBuilder command = new ProcessBuilder(inNode.command(name, port, copies)).inheritIO();
    if (!endWithInput) {
      command.redirectInput(ProcessBuilder.Redirect.PIPE); // ends with this JVM
    }
    try {
      Process server = command.start();
      Runtime.getRuntime().addShutdownHook(new Thread(server::destroy, "favstream-interrupt"));
      return server.waitFor() == 0 ? 0 : 1;
    } catch (IOException e) {
      throw new EnvironmentException(name + " does not start: " + e.getMessage(), e);
    }
  }
}
