// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import ai.djl.Device;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.CheckpointStore;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.learner.intake.Flow;
import org.favstream.learner.intake.Intake;
import org.favstream.learner.node.LearnerActor;
import org.favstream.learner.node.LearnerEvent;
import org.favstream.learner.node.LearnerJob;
import org.favstream.learner.node.LearnerSettings;
import org.favstream.learner.regression.LearningRate;
import org.favstream.learner.regression.RegressionSettings;
import org.favstream.learner.regression.Tempering;
import org.favstream.learner.svgd.FloorMode;
import org.favstream.learner.svgd.VelocitySettings;
import org.favstream.protocol.Noise;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.node.RewardActor;
import org.favstream.reward.node.RewardJob;
import org.favstream.reward.node.RewardSource;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.node.SamplerEvent;
import org.favstream.sampler.node.SamplerNode;
import org.favstream.sampler.node.SamplerSettings;

/** Sampler, reward and learner nodes as a run has them, for an indifferent reward. */
final class BenchLoop implements AutoCloseable {
  static final RewardVersion REWARD = new RewardVersion("indifferent", 1);

  /**
   * What flows.
   *
   * @param contexts a group
   * @param particles a context
   * @param samplers how many
   * @param rewards reward nodes
   */
  record Settings(
      Generator generator,
      int contexts,
      int particles,
      int samplers,
      int rewards,
      Flow.Settings flow) {}

  private final ActorSystem<Void> system;

  private BenchLoop(ActorSystem<Void> system) {
    this.system = system;
  }

  /**
   * Starts it.
   *
   * @param folder for checkpoints
   * @param learnerEvents told of all that the learner does; must not block
   * @param samplerEvents told of all that the samplers do; must not block
   */
  static BenchLoop start(
      Settings settings,
      NodeContext node,
      Path folder,
      Consumer<LearnerEvent> learnerEvents,
      Consumer<SamplerEvent> samplerEvents)
      throws WeightsException {
    LearnerJob job = learnerJob(settings, folder.resolve(node.run()));
    Behavior<Void> nodes =
        Behaviors.setup(
            context -> {
              watch(context, LearnerEvent.class, learnerEvents);
              watch(context, SamplerEvent.class, samplerEvents);
              context.spawn(LearnerActor.create(node, job), "learner");
              for (int i = 0; i < settings.rewards(); i++) {
                String name = "reward-" + i;
                context.spawn(
                    RewardActor.create(
                        node,
                        name,
                        new RewardJob(
                            new RewardDefinition(
                                REWARD, "own", Map.of(), List.of(), Optional.empty(), 1, 0),
                            () -> RewardSource.fixed(REWARD, TrivialModels::indifferent)),
                        1),
                    name);
              }
              context.spawn(
                  SamplerNode.create(
                      node,
                      "sampler",
                      0,
                      1,
                      new SamplerSettings(
                          settings.samplers(),
                          settings.contexts(),
                          settings.particles(),
                          Noise.Kind.INDEPENDENT,
                          "cpu"),
                      ContextSource.none(),
                      settings.generator(),
                      Device.cpu()),
                  "sampler");
              return Behaviors.empty();
            });
    return new BenchLoop(ActorSystem.create(nodes, "bench", ConfigFactory.load()));
  }

  private static <E> void watch(ActorContext<Void> context, Class<E> type, Consumer<E> receiver) {
    Behavior<E> telling =
        Behaviors.receiveMessage(
            event -> {
              receiver.accept(event);
              return Behaviors.same();
            });
    context
        .getSystem()
        .eventStream()
        .tell(new EventStream.Subscribe<>(type, context.spawnAnonymous(telling)));
  }

  private static LearnerJob learnerJob(Settings settings, Path checkpoints)
      throws WeightsException {
    Generator generator = settings.generator();
    LearnerSettings learner =
        new LearnerSettings(
            settings.flow(),
            new RegressionSettings(
                new VelocitySettings(1, List.of(1.0), List.of(1.0), FloorMode.NONE, 1),
                Tempering.NONE,
                false,
                RegressionSettings.Anchor.REPLAY,
                0,
                0,
                new LearningRate(1e-4, 0, 0),
                Adam.Settings.adam(0)),
            1024,
            1,
            Noise.Kind.INDEPENDENT,
            new CheckpointStore(checkpoints, 2),
            OptionalLong.empty(),
            "cpu");
    return new LearnerJob(
        learner,
        new Intake.Shape(settings.contexts(), settings.particles(), generator.sampleSize(), 0, 0),
        generator,
        REWARD,
        new Weights(generator.layout().tensors(), generator.initialParameters(1)),
        1,
        "0".repeat(64),
        Device.cpu());
  }

  @Override
  public void close() {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
  }
}
