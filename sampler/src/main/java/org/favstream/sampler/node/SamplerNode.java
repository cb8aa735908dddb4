// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import ai.djl.Device;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
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
import org.favstream.protocol.Credits;
import org.favstream.protocol.StateBatch;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.generator.Generator;
import org.jspecify.annotations.Nullable;

/**
 * A node of samplers: one reading of the topics weights and credits for all of them, one producer.
 * A sampler that fails starts anew as another incarnation.
 */
public final class SamplerNode extends AbstractBehavior<SamplerNode.Command> {

  /** Messages to the node. */
  public sealed interface Command {}

  private record Weights(PublishedWeights weights) implements Command {}

  private record NewCredits(Credits credits) implements Command {}

  private record States(StateBatch states) implements Command {}

  private record Started(ActorRef<SamplerActor.Command> sampler) implements Command {}

  /** How many of the last credits a sampler that starts anew is told. */
  private static final int CREDITS_KEPT = 64;

  private final Producer<String, byte[]> producer;
  private final List<TopicReader<?>> feeds = new ArrayList<>();
  private final List<ActorRef<SamplerActor.Command>> samplers = new ArrayList<>();
  private final Deque<Credits> credits = new ArrayDeque<>();
  private @Nullable PublishedWeights newest;
  private long states;

  /**
   * A node.
   *
   * @param name what its samplers' ids begin with; unlike any other node's of the run
   * @param firstIncarnation of its samplers, higher than any they had before
   * @param seed the run's
   */
  public static Behavior<Command> create(
      NodeContext node,
      String name,
      long firstIncarnation,
      long seed,
      SamplerSettings settings,
      ContextSource contexts,
      Generator generator,
      Device device) {
    return Behaviors.setup(
        context -> {
          SamplerNode behavior = new SamplerNode(context, node, name, contexts);
          for (int i = 0; i < settings.count(); i++) {
            AtomicLong incarnation = new AtomicLong(firstIncarnation);
            SamplerActor.Identity identity =
                new SamplerActor.Identity(name + "-" + i, incarnation::getAndIncrement, seed);
            behavior.spawn(identity, node, settings, contexts, generator, device);
          }
          return behavior;
        });
  }

  private SamplerNode(
      ActorContext<Command> context, NodeContext node, String name, ContextSource contexts) {
    super(context);
    this.producer = new KafkaProducer<>(node.connection().producerProperties());
    ActorRef<Command> self = context.getSelf();
    feeds.add(
        WeightsFeed.start(
            source(node, name, node.topics().weights(), Codec.WEIGHTS),
            weights -> self.tell(new Weights(weights))));
    feeds.add(
        TopicReader.from(
            source(node, name, node.topics().credits(), Codec.CREDITS),
            Map.of(0, 0L),
            reads -> reads.forEach(read -> self.tell(new NewCredits(read.value())))));
    if (contexts.isFed()) {
      feeds.add(
          TopicReader.shared(
              source(node, name, node.topics().contexts(), Codec.STATES),
              node.topics().prefix() + "policies",
              reads -> reads.forEach(read -> self.tell(new States(read.value())))));
    }
  }

  private <T> TopicReader.Source<T> source(
      NodeContext node, String name, String topic, Codec<T> codec) {
    return new TopicReader.Source<>(
        node.connection(), topic, codec, node.deadLetters(name), producer);
  }

  private void spawn(
      SamplerActor.Identity identity,
      NodeContext node,
      SamplerSettings settings,
      ContextSource contexts,
      Generator generator,
      Device device) {
    ActorRef<Command> self = getContext().getSelf();
    samplers.add(
        Announced.spawn(
            getContext(),
            identity.id(),
            sampler -> self.tell(new Started(sampler)),
            () ->
                SamplerActor.create(
                    node, identity, settings, contexts, generator, device, producer)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Weights.class, this::onWeights)
        .onMessage(NewCredits.class, this::onCredits)
        .onMessage(States.class, this::onStates)
        .onMessage(Started.class, this::onStarted)
        .onSignal(PostStop.class, signal -> onStop())
        .build();
  }

  private Behavior<Command> onWeights(Weights message) {
    newest = message.weights();
    samplers.forEach(sampler -> sampler.tell(new SamplerActor.WeightsPublished(message.weights())));
    return this;
  }

  private Behavior<Command> onCredits(NewCredits message) {
    credits.addLast(message.credits());
    if (credits.size() > CREDITS_KEPT) {
      credits.removeFirst();
    }
    samplers.forEach(sampler -> sampler.tell(new SamplerActor.CreditsGranted(message.credits())));
    return this;
  }

  /** To one sampler after the other; those that have none yet have not started. */
  private Behavior<Command> onStates(States message) {
    if (!samplers.isEmpty()) {
      int turn = (int) (states++ % samplers.size());
      samplers.get(turn).tell(new SamplerActor.StatesCame(message.states()));
    }
    return this;
  }

  private Behavior<Command> onStarted(Started message) {
    if (newest != null) {
      message.sampler().tell(new SamplerActor.WeightsPublished(newest));
    }
    credits.forEach(known -> message.sampler().tell(new SamplerActor.CreditsGranted(known)));
    return this;
  }

  private Behavior<Command> onStop() {
    feeds.forEach(TopicReader::close);
    producer.close(Duration.ofSeconds(2));
    return this;
  }
}
