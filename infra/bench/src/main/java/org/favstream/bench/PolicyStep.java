// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Optional;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.engine.Gradients;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.learner.svgd.ParticleBlock;
import org.favstream.learner.svgd.SteinVelocity;
import org.favstream.learner.svgd.VelocitySettings;
import org.favstream.protocol.Noise;
import org.favstream.reward.critic.CriticReward;
import org.favstream.reward.critic.CriticSettings;
import org.favstream.reward.critic.CriticTrainer;
import org.favstream.reward.critic.RefusedTransitionsException;
import org.favstream.reward.critic.ReplayBuffer;
import org.favstream.reward.critic.TwinCritic;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.context.ContextRows;
import org.favstream.sampler.environment.TransitionSet;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.noise.NoiseSource;

/**
 * The update of a robot's policy in one thread, of the parts that the nodes of a run have: critics
 * from a batch, then reward gradients, velocity and regression at fresh particles, where the
 * regression's cotangent is {@code -2/(n d) φ}. The actor's forward pass serves both.
 */
final class PolicyStep implements AutoCloseable {
  static final int STATES = 256;
  static final int PARTICLES = 8;
  static final int OBSERVATION = 29;
  static final int ACTION = 8;
  private static final int TRANSITIONS = 20_000;
  private static final List<Integer> HIDDEN = List.of(512, 512, 512, 512);
  private static final double RATE = 3e-4;

  private final Generator actor =
      new GeneratorSettings(GeneratorSettings.Family.POLICY, ACTION, OBSERVATION, ACTION, HIDDEN, 1)
          .create();
  private final SteinVelocity stein = new SteinVelocity();
  private final VelocitySettings velocitySettings = VelocitySettings.of(1, 0.5);
  private final ReplayBuffer buffer;
  private final CriticTrainer trainer;
  private final CriticReward reward;
  private final NDManager manager;
  private final NDArray parameters;
  private final Adam adam;
  private ReplayBuffer.Batch batch;

  PolicyStep(Device device) throws WeightsException, RefusedTransitionsException {
    TwinCritic critic = new TwinCritic(OBSERVATION, ACTION, HIDDEN);
    Weights critics = new Weights(critic.layout().tensors(), critic.initialParameters(1));
    Weights policy = new Weights(actor.layout().tensors(), actor.initialParameters(1));
    CriticSettings settings =
        new CriticSettings(0.99, 1, 0.005, CriticSettings.Aggregation.MEAN, RATE);
    this.buffer = new ReplayBuffer(transitions(), 1, TRANSITIONS);
    this.batch = buffer.draw(new Noise(1, 0), STATES);
    this.trainer = new CriticTrainer(critic, critics, actor, policy, settings, device);
    this.reward = new CriticReward(critic, critics, device);
    this.manager = NDManager.newBaseManager(device, "PyTorch");
    this.parameters = manager.create(policy.values());
    this.adam = new Adam(manager, policy.length(), Adam.Settings.adam(0));
  }

  private static TransitionSet transitions() {
    float[] actions = NoiseSource.normals(new Noise(2, 1), TRANSITIONS * ACTION);
    for (int i = 0; i < actions.length; i++) {
      actions[i] = (float) Math.tanh(actions[i]);
    }
    return new TransitionSet(
        "bench",
        OBSERVATION,
        ACTION,
        NoiseSource.normals(new Noise(2, 2), TRANSITIONS * OBSERVATION),
        actions,
        NoiseSource.normals(new Noise(2, 3), TRANSITIONS),
        NoiseSource.normals(new Noise(2, 4), TRANSITIONS * OBSERVATION),
        new boolean[TRANSITIONS],
        new boolean[TRANSITIONS]);
  }

  /** Draws the batch and updates the critics. */
  void critics(int update) {
    batch = buffer.draw(new Noise(1, update), STATES);
    trainer.update(batch, new Noise(3, update));
  }

  /** Moves the policy's particles at the batch's states. */
  void policy(int update) {
    int rows = STATES * PARTICLES;
    Noise draw = new Noise(4, update);
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray noise =
          here.create(NoiseSource.normals(draw, rows * ACTION), new Shape(rows, ACTION));
      NDArray states =
          here.create(
              ContextRows.repeat(batch.observations(), OBSERVATION, PARTICLES),
              new Shape(rows, OBSERVATION));
      NDArray leaf = Gradients.leafOf(parameters);
      NDArray output = actor.forward(leaf, noise, Optional.of(states));
      float[] particles = output.toFloatArray();
      float[] gradients =
          reward
              .evaluate(
                  new RewardModel.Block(
                      STATES, PARTICLES, ACTION, particles, batch.observations(), draw))
              .gradients();
      float[] velocity = new float[particles.length];
      stein.compute(
          velocitySettings,
          new ParticleBlock(STATES, PARTICLES, 1, ACTION, particles, batch.actions(), gradients),
          velocity);
      for (int i = 0; i < velocity.length; i++) {
        velocity[i] *= -2f / velocity.length;
      }
      NDArray cotangent = here.create(velocity, new Shape(rows, ACTION));
      adam.step(parameters, Gradients.inLeaf(output, cotangent, leaf), RATE);
    }
  }

  @Override
  public void close() {
    trainer.close();
    reward.close();
    manager.close();
  }
}
