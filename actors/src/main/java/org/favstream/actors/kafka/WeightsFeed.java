// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.KillSwitch;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.WeightsAssembler;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.WeightsRecord;
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
   * @param receiver told of each version; must not block
   * @return ends it
   */
  public static KillSwitch start(
      ActorSystem<?> system,
      TopicReader<WeightsRecord> reader,
      Consumer<PublishedWeights> receiver) {
    return reader
        .from(Map.of(0, 0L))
        .viaMat(KillSwitches.single(), Keep.right())
        .statefulMap(
            WeightsAssembler::new,
            (assembler, read) -> Pair.create(assembler, complete(assembler, read.value())),
            assembler -> Optional.<Optional<PublishedWeights>>empty())
        .mapConcat(complete -> complete.stream().toList())
        .conflate((older, newer) -> newer)
        .toMat(Sink.foreach(receiver::accept), Keep.left())
        .run(system);
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
