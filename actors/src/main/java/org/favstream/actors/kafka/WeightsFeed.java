// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.WeightsAssembler;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.WeightsRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the topic weights: every verified version that is the newest at that moment. Versions
 * that do not verify are named in the log and left out; the receiver keeps what it has.
 */
public final class WeightsFeed {
  private static final Logger log = LoggerFactory.getLogger(WeightsFeed.class);

  private WeightsFeed() {}

  /**
   * Starts to follow.
   *
   * @param receiver told of each version, on the reader's thread
   * @return ends it
   */
  public static TopicReader<WeightsRecord> start(
      TopicReader.Source<WeightsRecord> source, Consumer<PublishedWeights> receiver) {
    WeightsAssembler assembler = new WeightsAssembler();
    return TopicReader.from(
        source, Map.of(0, 0L), reads -> newest(assembler, reads).ifPresent(receiver));
  }

  /**
   * As {@link #start}, but silent until it has read all that is on the log at the beginning: the
   * first version that it tells of is the newest there.
   */
  public static TopicReader<WeightsRecord> startAtNewest(
      TopicReader.Source<WeightsRecord> source, Consumer<PublishedWeights> receiver) {
    WeightsAssembler assembler = new WeightsAssembler();
    CatchingUp catchingUp = new CatchingUp(receiver);
    return TopicReader.from(
        source,
        Map.of(0, 0L),
        reads -> newest(assembler, reads).ifPresent(catchingUp::take),
        catchingUp::end);
  }

  /** Holds the newest version back until the end of the log; on the reader's thread. */
  private static final class CatchingUp {
    private final Consumer<PublishedWeights> receiver;
    private @Nullable PublishedWeights held;
    private boolean over;

    CatchingUp(Consumer<PublishedWeights> receiver) {
      this.receiver = receiver;
    }

    void take(PublishedWeights weights) {
      if (over) {
        receiver.accept(weights);
      } else {
        held = weights;
      }
    }

    void end() {
      over = true;
      if (held != null) {
        receiver.accept(held);
      }
      held = null;
    }
  }

  private static Optional<PublishedWeights> newest(
      WeightsAssembler assembler, List<TopicReader.Read<WeightsRecord>> reads) {
    @Nullable PublishedWeights newest = null;
    for (TopicReader.Read<WeightsRecord> read : reads) {
      newest = complete(assembler, read.value()).orElse(newest);
    }
    return Optional.ofNullable(newest);
  }

  private static Optional<PublishedWeights> complete(
      WeightsAssembler assembler, WeightsRecord record) {
    try {
      return assembler.add(record);
    } catch (WeightsException e) {
      log.error("refused: {}", e.getMessage());
      return Optional.empty();
    }
  }
}
