// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import ai.djl.Device;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.favstream.actors.kafka.TopicReader;
import org.favstream.actors.kafka.WeightsFeed;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.protocol.Codec;
import org.favstream.protocol.WeightsRecord;
import org.favstream.sampler.environment.EnvironmentSource;
import org.favstream.sampler.generator.Generator;
import org.jspecify.annotations.Nullable;

/**
 * A node of the fleet: one reading of the topic weights for all its workers, one producer. A worker
 * that fails starts anew as another incarnation. A node that starts anew knows the newest verified
 * weights of the log before any worker acts.
 */
public final class FleetNode extends AbstractBehavior<FleetNode.Command> {

  /** Messages to the node. */
  public sealed interface Command {}

  private record Weights(PublishedWeights weights) implements Command {}

  private record Started(ActorRef<FleetActor.Command> worker) implements Command {}

  private final Producer<String, byte[]> producer;
  private final TopicReader<WeightsRecord> feed;
  private final List<ActorRef<FleetActor.Command>> workers = new ArrayList<>();
  private @Nullable PublishedWeights newest;

  /**
   * A node.
   *
   * @param name what its workers' ids begin with; unlike any other node's of the run
   * @param firstIncarnation of its workers, higher than any they had before
   * @param seed the run's
   * @param environment where each worker gets one of its own
   * @param policy from noise and an observation to an action before it is clipped
   */
  public static Behavior<Command> create(
      NodeContext node,
      String name,
      long firstIncarnation,
      long seed,
      FleetSettings settings,
      EnvironmentSource environment,
      Generator policy,
      Device device) {
    return Behaviors.setup(
        context -> {
          FleetNode behavior = new FleetNode(context, node, name);
          for (int i = 0; i < settings.workers(); i++) {
            AtomicLong incarnation = new AtomicLong(firstIncarnation);
            FleetActor.Identity identity =
                new FleetActor.Identity(name + "-" + i, incarnation::getAndIncrement, seed);
            behavior.spawn(identity, node, settings.ofWorker(i), environment, policy, device);
          }
          return behavior;
        });
  }

  private FleetNode(ActorContext<Command> context, NodeContext node, String name) {
    super(context);
    this.producer = new KafkaProducer<>(node.connection().producerProperties());
    ActorRef<Command> self = context.getSelf();
    this.feed =
        WeightsFeed.startAtNewest(
            new TopicReader.Source<>(
                node.connection(),
                node.topics().weights(),
                Codec.WEIGHTS,
                node.deadLetters(name),
                producer),
            weights -> self.tell(new Weights(weights)));
  }

  private void spawn(
      FleetActor.Identity identity,
      NodeContext node,
      FleetSettings settings,
      EnvironmentSource environment,
      Generator policy,
      Device device) {
    ActorRef<Command> self = getContext().getSelf();
    workers.add(
        Announced.spawn(
            getContext(),
            identity.id(),
            worker -> self.tell(new Started(worker)),
            () ->
                FleetActor.create(
                    node, identity, settings, environment, policy, device, producer)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Weights.class, this::onWeights)
        .onMessage(Started.class, this::onStarted)
        .onSignal(PostStop.class, signal -> onStop())
        .build();
  }

  private Behavior<Command> onWeights(Weights message) {
    newest = message.weights();
    workers.forEach(worker -> worker.tell(new FleetActor.WeightsPublished(message.weights())));
    return this;
  }

  private Behavior<Command> onStarted(Started message) {
    if (newest != null) {
      message.worker().tell(new FleetActor.WeightsPublished(newest));
    }
    return this;
  }

  private Behavior<Command> onStop() {
    feed.close();
    producer.close(Duration.ofSeconds(2));
    return this;
  }
}
