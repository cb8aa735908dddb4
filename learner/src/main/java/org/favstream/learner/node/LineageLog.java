// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.kafka.LogUnavailableException;
import org.favstream.actors.kafka.OrderedTopic;
import org.favstream.learner.lineage.LineageChain;
import org.favstream.learner.lineage.LineageVersion;
import org.favstream.protocol.Codec;
import org.favstream.protocol.LineageStep;
import org.favstream.protocol.Topics;

/**
 * The lineage of a run by weights version, as it stood when this was opened. Confined to one
 * thread; all calls block.
 */
public final class LineageLog implements AutoCloseable {
  /** How far back a version's parent is looked for at first. */
  private static final long NEAR = 256;

  private final OrderedTopic<LineageStep> topic;

  /**
   * Opens it.
   *
   * @throws LogUnavailableException where the topic does not answer
   */
  public LineageLog(KafkaConnection connection, Topics topics) {
    this.topic =
        new OrderedTopic<>(connection, topics.lineage(), Codec.LINEAGE, LineageStep::version);
  }

  /** The first version there is. */
  public Optional<Long> first() {
    return topic.first().map(at -> at.value().version());
  }

  /** The last version there is. */
  public Optional<Long> last() {
    return topic.last().map(at -> at.value().version());
  }

  /** The first version that is not below this one. */
  public Optional<Long> firstFrom(long version) {
    return topic.firstFrom(version).map(at -> at.value().version());
  }

  /** The steps of a version, in order; none where it has none. */
  public List<LineageStep> steps(long version) {
    List<LineageStep> steps = new ArrayList<>();
    topic
        .firstFrom(version)
        .ifPresent(
            first ->
                topic.read(
                    first.offset(),
                    at -> at.value().version() == version && steps.add(at.value())));
    return steps;
  }

  /**
   * The version from which another one was made.
   *
   * @return empty where it is not on the log, or the version was made from the run's first weights
   */
  public Optional<LineageVersion> parent(long version) {
    Optional<OrderedTopic.At<LineageStep>> first = topic.firstFrom(version);
    if (first.isEmpty()) {
      return Optional.empty();
    }
    long from = first.get().offset();
    for (long window = NEAR; ; window *= 8) {
      LineageChain chain = read(from - window, version);
      Optional<LineageVersion> parent = chain.version(version).flatMap(chain::parent);
      if (parent.isPresent() || window > from) {
        return parent;
      }
    }
  }

  /** All versions from one to another, superseded ones too. */
  public LineageChain chain(long from, long to) {
    return topic
        .firstFrom(from)
        .map(first -> read(first.offset(), to))
        .orElseGet(LineageChain::new);
  }

  private LineageChain read(long offset, long to) {
    LineageChain chain = new LineageChain();
    topic.read(
        offset,
        at -> {
          boolean wanted = at.value().version() <= to;
          if (wanted) {
            chain.add(at.value(), at.offset());
          }
          return wanted;
        });
    return chain;
  }

  /**
   * The steps of these versions, in order; what stands between them is passed over.
   *
   * @param receiver given each step; false where it wants no more
   */
  public void forEachStep(List<LineageVersion> versions, Predicate<LineageStep> receiver) {
    if (versions.isEmpty()) {
      return;
    }
    int[] place = {0};
    topic.read(
        versions.get(0).offset(),
        at -> {
          LineageStep step = at.value();
          while (place[0] < versions.size() && versions.get(place[0]).version() < step.version()) {
            place[0]++;
          }
          if (place[0] == versions.size()) {
            return false;
          }
          return !versions.get(place[0]).has(step) || receiver.test(step);
        });
  }

  @Override
  public void close() {
    topic.close();
  }
}
