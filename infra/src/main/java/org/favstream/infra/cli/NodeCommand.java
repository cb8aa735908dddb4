// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.kafka.TopicSetup;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.infra.http.ControlServer;
import org.favstream.infra.job.Job;
import org.favstream.infra.metrics.RunMetrics;
import org.favstream.infra.run.NodeRole;
import org.favstream.infra.run.RunException;
import org.favstream.protocol.Topics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code favstream node}. */
@Command(
    name = "node",
    mixinStandardHelpOptions = true,
    description = {
      "One role of a run, in a JVM of its own, against a given Kafka cluster; until Ctrl-C.",
      "Samplers and rewards may come and go while the run goes on."
    },
    footer = {
      "",
      "Examples:",
      "  favstream run eight-gaussians --bootstrap-servers kafka:9092      # prints the run's id",
      "  favstream node eight-gaussians --role sampler --run RUN --name gpu-7 --bootstrap-servers kafka:9092",
      "  favstream node eight-gaussians --role reward --run RUN --name r2 --bootstrap-servers kafka:9092",
      "  favstream node eight-gaussians --role control --run RUN --name c --bootstrap-servers kafka:9092 \\",
      "      --set control.port=4711",
      "  favstream node arm-tracking --role fleet --run RUN --name arm-3 --bootstrap-servers kafka:9092 \\",
      "      --set metrics.port=9464"
    })
final class NodeCommand implements Callable<Integer> {
  @Mixin private JobOptions jobOptions = new JobOptions();

  @Option(
      names = "--role",
      required = true,
      paramLabel = "ROLE",
      description = "One of: ${COMPLETION-CANDIDATES}.")
  private NodeRole role = NodeRole.SAMPLER;

  @Option(names = "--run", required = true, paramLabel = "RUN", description = "The run's id.")
  private String run = "";

  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "Unlike any other node's of the run; a sampler keeps it over restarts.")
  private String name = "";

  @Option(
      names = "--bootstrap-servers",
      required = true,
      paramLabel = "HOST:PORT",
      description = "The Kafka cluster.")
  private String bootstrapServers = "";

  @Option(
      names = "--checkpoints",
      paramLabel = "DIR",
      description = "Where a learner keeps its state (default: ${DEFAULT-VALUE}).")
  private Path checkpoints = Path.of("checkpoints");

  @Override
  public Integer call() throws RunException {
    Job job = jobOptions.load(List.of());
    job.useEngine();
    if (role == NodeRole.REWARD) {
      job.rewards().makeOrRefuse(); // before it is tried again and again
    }
    KafkaConnection connection = job.connection(bootstrapServers);
    Topics topics = job.topics(run);
    TopicSetup.ensure(
        connection, topics, job.read(complete -> complete.getDuration("kafka.setup-timeout")));
    NodeContext node = new NodeContext(run, connection, topics, Clock.systemUTC());
    RunMetrics metrics = new RunMetrics(run, role.text());
    if (role == NodeRole.CONTROL) {
      return untilItEnds(node, job, metrics); // which serves its own
    }
    try (ControlServer server = ControlServer.ofMetrics(job.metrics(), metrics::text)) {
      System.err.println("metrics  " + server.metricsUrl());
      return untilItEnds(node, job, metrics);
    }
  }

  private int untilItEnds(NodeContext node, Job job, RunMetrics metrics) throws RunException {
    Behavior<?> behavior = role.behavior(node, job, name, checkpoints);
    ActorSystem<?> system = ActorSystem.create(behavior, "favstream", ConfigFactory.load());
    metrics.follow(system);
    System.err.printf("%s %s of run %s; Ctrl-C ends it%n", role.text(), name, run);
    Runtime.getRuntime().addShutdownHook(new Thread(system::terminate, "favstream-interrupt"));
    try {
      system.getWhenTerminated().toCompletableFuture().get();
      return 0;
    } catch (ExecutionException e) {
      throw new RunException("the node stopped: " + Faults.describe(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunException("interrupted", e);
    }
  }
}
