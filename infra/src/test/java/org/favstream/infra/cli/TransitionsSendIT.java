// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.favstream.actors.kafka.TopicSetup;
import org.favstream.infra.system.RealBroker;
import org.favstream.infra.system.TestLog;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Topics;
import org.favstream.protocol.Transitions;
import org.favstream.sampler.environment.Recording;
import org.favstream.sampler.environment.TransitionFile;
import org.favstream.sampler.environment.TransitionSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A recording on its way to a run. */
@ExtendWith(RealBroker.class)
class TransitionsSendIT {
  private static final TransitionSet SET =
      new TransitionSet(
          "line",
          1,
          1,
          new float[] {0, 1, 7},
          new float[] {1, -1, 0.5f},
          new float[] {-1, -2, -3},
          new float[] {1, 2, 8},
          new boolean[] {false, true, false},
          new boolean[] {false, false, true});

  private final TestLog log;
  private final String run = "demo-" + UUID.randomUUID();
  private final Topics topics = new Topics(run + ".", Duration.ofHours(1), 1L << 25);

  @TempDir private Path folder;

  TransitionsSendIT(TestLog log) {
    this.log = log;
  }

  private Cli send(String to) throws Exception {
    Path file = folder.resolve("demo.safetensors");
    TransitionFile.write(file, SET, Map.of());
    return Cli.run(
        "transitions",
        "send",
        file.toString(),
        "--source",
        "human:alice",
        "--run",
        to,
        "--bootstrap-servers",
        log.bootstrapServers(),
        "--json");
  }

  @Test
  void shouldPutEveryStepOnTheRunsTopic() throws Exception {
    TopicSetup.ensure(log.connection(), topics, Duration.ofMinutes(1));
    JsonNode said = new ObjectMapper().readTree(send(run).requireDone().out());
    assertThat(said.path("transitions").asInt()).isEqualTo(3);
    assertThat(said.path("episodes").asInt()).isEqualTo(2);
    assertThat(said.path("topic").asText()).isEqualTo(run + ".transitions");
    List<Transitions> sent = new ArrayList<>();
    for (ConsumerRecord<String, byte[]> record : log.readAll(topics.transitions())) {
      assertThat(record.key()).isEqualTo("human:alice");
      sent.add(Codec.TRANSITIONS.decode(record.value()));
    }
    assertThat(sent).isEqualTo(new Recording(SET).segments(run, "human:alice", 50));
  }

  @Test
  void shouldNameARunThatThereIsNot() throws Exception {
    send("nobody").requireRefused(1, "no topic nobody.transitions", "is the run's id right?");
  }
}
