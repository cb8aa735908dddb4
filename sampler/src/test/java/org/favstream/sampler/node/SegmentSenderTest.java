// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.favstream.protocol.Tensor;
import org.favstream.protocol.Transitions;
import org.junit.jupiter.api.Test;

class SegmentSenderTest {
  private static final Transitions SEGMENT =
      new Transitions(
          "run-1",
          "point-mass",
          "fleet",
          "arm-0#7/0",
          0,
          OptionalLong.of(1),
          Tensor.of(new int[] {2, 1}, new float[2]),
          Tensor.of(new int[] {1, 1}, new float[1]),
          Tensor.of(new int[] {1}, new float[1]),
          Transitions.Ending.NONE,
          "");

  private final MockProducer<String, byte[]> producer =
      new MockProducer<>(false, null, new StringSerializer(), new ByteArraySerializer());
  private final List<Throwable> faults = new ArrayList<>();

  private SegmentSender sender(boolean inRealTime) {
    return new SegmentSender(producer, "run-1.transitions", "arm-0", inRealTime, faults::add);
  }

  private static void fill(SegmentSender sender) throws InterruptedException {
    for (int i = 0; i < SegmentSender.MOST_UNACKNOWLEDGED; i++) {
      sender.append(SEGMENT);
    }
  }

  @Test
  void shouldFailInRealTimeWhenTheLogDoesNotKeepUp() throws Exception {
    SegmentSender sender = sender(true);
    fill(sender);
    assertThatThrownBy(() -> sender.append(SEGMENT))
        .isInstanceOf(FleetFault.class)
        .hasMessage("the log has not taken the last 256 segments");
    producer.completeNext();
    sender.append(SEGMENT);
    assertThat(producer.history())
        .hasSize(257)
        .extracting(ProducerRecord::key)
        .containsOnly("arm-0");
  }

  @Test
  void shouldWaitOtherwise() throws Exception {
    SegmentSender sender = sender(false);
    CountDownLatch full = new CountDownLatch(1);
    CompletableFuture<Void> waits =
        CompletableFuture.runAsync(
            () -> {
              try {
                fill(sender);
                full.countDown();
                sender.append(SEGMENT);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    assertThat(full.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(producer.history()).hasSize(256);
    assertThat(waits).isNotDone();
    producer.completeNext();
    waits.get(30, TimeUnit.SECONDS);
    assertThat(producer.history()).hasSize(257);
  }

  @Test
  void shouldTellOfEachSegmentThatIsNotTaken() throws Exception {
    sender(true).append(SEGMENT);
    assertThat(producer.errorNext(new TimeoutException("no broker"))).isTrue();
    assertThat(faults).singleElement().isInstanceOf(TimeoutException.class);
  }
}
