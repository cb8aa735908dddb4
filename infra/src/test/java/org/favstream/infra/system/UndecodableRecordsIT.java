// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.favstream.infra.run.NodeRole;
import org.favstream.learner.node.LearnerEvent;
import org.favstream.protocol.Codec;
import org.favstream.protocol.DeadLetter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whatever stands on a topic, the loop goes on, and what it could not use is kept. */
@ExtendWith(RealBroker.class)
class UndecodableRecordsIT {
  private static final byte[] NOISE = {(byte) 0xff, 0x17, 0x00, (byte) 0xfe, 0x7f, 0x01};

  private final TestLog log;

  @TempDir private Path checkpoints;

  UndecodableRecordsIT(TestLog log) {
    this.log = log;
  }

  private static String place(String topic, int partition, long offset) {
    return topic + "-" + partition + "@" + offset;
  }

  /** Garbage on a topic, and nothing, and the beginning of something. */
  private static void spoil(
      Producer<String, byte[]> producer, Map<String, byte[]> sent, String topic, int partition)
      throws InterruptedException, ExecutionException, TimeoutException {
    for (byte[] value : List.of(NOISE, new byte[0], new byte[] {0x0a, 0x20, 'r', 'u', 'n'})) {
      RecordMetadata at = TestLog.send(producer, topic, partition, value);
      sent.put(place(topic, partition, at.offset()), value);
    }
  }

  @Test
  void shouldKeepWhatItCannotDecodeAndGoOn()
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<String, byte[]> sent = new HashMap<>();
    try (TestLoop loop = new TestLoop(log, TestLoop.job(), checkpoints);
        Producer<String, byte[]> producer = log.producer(Map.of())) {
      List<String> read =
          List.of(
              loop.topics().generations(),
              loop.topics().scores(),
              loop.topics().weights(),
              loop.topics().credits());
      for (String topic : read) {
        spoil(producer, sent, topic, 0); // before anybody is there
      }
      loop.withLearner()
          .with(NodeRole.REWARD, "reward")
          .with(NodeRole.SAMPLER, "sampler")
          .with(NodeRole.EVALUATOR, "evaluator");
      long step = loop.awaitStep(8).step().step();
      for (String topic : read) {
        spoil(producer, sent, topic, 0);
      }
      spoil(producer, sent, loop.topics().generations(), 11);
      spoil(producer, sent, loop.topics().scores(), 3);
      spoil(producer, sent, loop.topics().leases(), 0);
      for (String topic : List.of(loop.topics().scores(), loop.topics().weights())) {
        TestLog.send(producer, topic, 0, null); // a tombstone says nothing
      }
      // Nobody reads these in a run.
      TestLog.send(producer, loop.topics().lineage(), 0, NOISE);
      TestLog.send(producer, loop.topics().evaluations(), 0, NOISE);

      LearnerEvent.Stepped stepped = loop.awaitStep(step + 40);
      assertThat(stepped.refusals()).isEmpty();
      assertThat(stepped.step().totals().refused()).isZero();

      Set<String> expected = sent.keySet();
      List<DeadLetter> letters =
          log.readUntil(
              loop.topics().deadLetters(),
              Codec.DEAD_LETTER,
              all ->
                  all.stream()
                      .map(letter -> place(letter.topic(), letter.partition(), letter.offset()))
                      .collect(Collectors.toSet())
                      .containsAll(expected));
      for (DeadLetter letter : letters) {
        String at = place(letter.topic(), letter.partition(), letter.offset());
        assertThat(expected).contains(at);
        assertThat(letter.payload()).isEqualTo(ByteBuffer.wrap(sent.get(at)));
        assertThat(letter.reason()).isNotBlank();
        assertThat(letter.run()).isEqualTo(loop.node().run());
      }
      assertThat(letters)
          .extracting(DeadLetter::node)
          .contains("learner", "reward", "sampler", "evaluator");
      loop.finish();
    }
  }
}
