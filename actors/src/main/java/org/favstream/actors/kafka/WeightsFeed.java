// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

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
        source,
        Map.of(0, 0L),
        reads -> {
          @Nullable PublishedWeights newest = null;
          for (TopicReader.Read<WeightsRecord> read : reads) {
            newest = complete(assembler, read.value()).orElse(newest);
          }
          if (newest != null) {
            receiver.accept(newest);
          }
        });
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
