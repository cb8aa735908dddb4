// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.runtime;

import java.time.Clock;
import org.favstream.actors.kafka.DeadLetters;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.protocol.Topics;

/**
 * What every node of a run is given.
 *
 * @param run the run's id
 * @param connection to the cluster
 * @param topics of the run
 * @param clock tells the time
 */
public record NodeContext(String run, KafkaConnection connection, Topics topics, Clock clock) {

  /** Dead letters written by a node of this name. */
  public DeadLetters deadLetters(String node) {
    return new DeadLetters(run, topics, node, clock);
  }
}
