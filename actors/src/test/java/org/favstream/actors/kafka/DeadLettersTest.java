// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.Codec;
import org.favstream.protocol.DeadLetter;
import org.favstream.protocol.Topics;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeadLettersTest {
  private static final Topics TOPICS = new Topics("run-1.", Duration.ofHours(1), 1 << 20);
  private static final Clock NOON =
      Clock.fixed(Instant.ofEpochMilli(1_790_000_000_123L), ZoneOffset.UTC);

  private final DeadLetters letters =
      new NodeContext(
              "run-1",
              new KafkaConnection("localhost:1", Map.of(), Map.of(), Map.of()),
              TOPICS,
              NOON)
          .deadLetters("reward-0");

  private static ConsumerRecord<String, byte[]> record(byte @Nullable [] value) {
    return new ConsumerRecord<>("run-1.generations", 3, 99, "sampler-0#1", value);
  }

  private static DeadLetter decoded(ProducerRecord<String, byte[]> letter) throws Exception {
    return Codec.DEAD_LETTER.decode(letter.value());
  }

  @Test
  void shouldSayWhatStoodWhereAndWhyWhenARecordIsRefused() throws Exception {
    byte[] value = "garbage".getBytes(StandardCharsets.UTF_8);
    ProducerRecord<String, byte[]> letter = letters.about(record(value), "no generation");
    assertThat(letter.topic()).isEqualTo("run-1.dead-letters");
    assertThat(letter.key()).isEqualTo("run-1.generations-3@99");
    assertThat(decoded(letter))
        .isEqualTo(
            new DeadLetter(
                "run-1",
                "run-1.generations",
                3,
                99,
                "no generation",
                "reward-0",
                ByteBuffer.wrap(value),
                NOON.millis()));
  }

  @Test
  void shouldKeepTheBeginningWhenTheValueIsLarge() throws Exception {
    byte[] value = new byte[DeadLetter.MAX_PAYLOAD + 10];
    value[DeadLetter.MAX_PAYLOAD - 1] = 7;
    ByteBuffer payload = decoded(letters.about(record(value), "too large")).payload();
    assertThat(payload.remaining()).isEqualTo(DeadLetter.MAX_PAYLOAD);
    assertThat(payload.get(DeadLetter.MAX_PAYLOAD - 1)).isEqualTo((byte) 7);
  }

  @Test
  void shouldHaveAnEmptyPayloadWhenTheRecordHadNoValue() throws Exception {
    assertThat(decoded(letters.about(record(null), "a tombstone")).payload().remaining()).isZero();
  }
}
