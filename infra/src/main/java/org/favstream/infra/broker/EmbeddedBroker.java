// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** A Kafka broker and controller in this JVM. */
public final class EmbeddedBroker implements AutoCloseable {
  private static final int NODE = 1;

  private final KafkaRaftServer server;
  private final int port;

  /**
   * Starts it; on return it takes connections.
   *
   * @param folder its data, made where it is missing
   * @param port of clients, on loopback
   * @param controllerPort of the controller, on loopback
   * @param overrides settings under Kafka's names
   * @throws IOException where the folder cannot be used
   */
  public EmbeddedBroker(Path folder, int port, int controllerPort, Map<String, String> overrides)
      throws IOException {
    this.port = port;
    Path data = Files.createDirectories(folder).resolve("log");
    Properties settings = settings(data, port, controllerPort);
    settings.putAll(overrides);
    if (!Files.exists(data.resolve("meta.properties"))) {
      format(data);
    }
    this.server = new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
    server.startup();
  }

  private static void format(Path data) throws IOException {
    try {
      new Formatter()
          .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
          .setNodeId(NODE)
          .setClusterId(Uuid.randomUuid().toString())
          .setControllerListenerName("CONTROLLER")
          .setMetadataLogDirectory(data.toString())
          .addDirectory(data.toString())
          .run();
    } catch (Exception e) { // its signature says no more
      throw new IOException("the broker's folder %s cannot be used: %s".formatted(data, e), e);
    }
  }

  private static Properties settings(Path data, int port, int controllerPort) {
    Properties settings = new Properties();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", Integer.toString(NODE));
    settings.put("controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort);
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put(
        "listeners",
        "PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(port, controllerPort));
    settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
    settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("log.dir", data.toString());
    settings.put("auto.create.topics.enable", "false");
    // One node: every internal topic once, and few partitions of it.
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "4");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "4");
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
    // Joins in half a second instead of five.
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("group.consumer.heartbeat.interval.ms", "500");
    settings.put("group.consumer.min.heartbeat.interval.ms", "100");
    // A killed reward actor's partitions pass on in seconds, not in 45.
    settings.put("group.consumer.session.timeout.ms", "6000");
    settings.put("group.consumer.min.session.timeout.ms", "3000");
    // A restart after a kill takes about 8 s; shorter sessions were fenced under load.
    settings.put("broker.session.timeout.ms", "3000");
    settings.put("broker.heartbeat.interval.ms", "300");
    settings.put("log.cleaner.backoff.ms", "5000");
    settings.put("log.retention.check.interval.ms", "30000");
    return settings;
  }

  /** Where clients reach it. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }
}
