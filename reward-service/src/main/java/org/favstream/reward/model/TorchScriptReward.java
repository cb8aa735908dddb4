// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.favstream.actors.engine.TorchScriptException;
import org.favstream.actors.engine.TorchScriptModule;
import org.favstream.actors.engine.TorchScriptSource;
import org.favstream.protocol.Noise;
import org.favstream.sampler.noise.NoiseSource;

/**
 * A reward as a TorchScript module, {@code forward(particles (rows, d), context (rows, c)) ->
 * rewards (rows)}, all of float32, each row's reward its own alone; its gradient in the particles
 * is autograd's. Where there are no contexts, {@code forward(particles)} does as well; which of the
 * two a module has, it is asked when it first scores.
 *
 * <p><b>TorchScript is code</b>: see {@link TorchScriptSource}. Each worker has a reward of its
 * own; several of one source know nothing of each other.
 */
public final class TorchScriptReward implements RewardModel {

  /** What a module takes. */
  private enum Inputs {
    UNKNOWN,
    PARTICLES,
    PARTICLES_AND_CONTEXTS
  }

  private final String name;
  private final int contextSize;
  private final TorchScriptModule module;
  private final AutogradReward reward;
  private Inputs inputs;

  /**
   * Loads a module.
   *
   * @param contextSize numbers a context; 0 without contexts
   * @param device where it computes
   * @throws TorchScriptException where the source has no such bytes, or they are no TorchScript
   */
  public TorchScriptReward(TorchScriptSource source, int contextSize, Device device) {
    this(source, contextSize, NDManager.newBaseManager(device, "PyTorch"));
  }

  /**
   * Loads a module.
   *
   * @param manager holds all that the reward does, and is closed with it
   */
  TorchScriptReward(TorchScriptSource source, int contextSize, NDManager manager) {
    this.name = source.name();
    this.contextSize = contextSize;
    this.inputs = contextSize > 0 ? Inputs.PARTICLES_AND_CONTEXTS : Inputs.UNKNOWN;
    try {
      this.module = TorchScriptModule.load(source, manager);
    } catch (TorchScriptException e) {
      manager.close();
      throw e;
    }
    this.reward = new AutogradReward(this::values, manager);
  }

  /**
   * This reward, where it fits a job: it scores a few particles of standard normals. Where it does
   * not, it is closed.
   *
   * @param d numbers a particle
   * @throws TorchScriptException where it throws, or gives what {@link #evaluate} refuses
   */
  public TorchScriptReward requireFits(int d) {
    int rows = 3;
    Noise draw = new Noise(0, 0);
    float[] particles = NoiseSource.normals(draw, rows * d);
    float[] contexts = NoiseSource.normals(new Noise(0, 1), contextSize);
    try {
      evaluate(new Block(1, rows, d, particles, contexts, draw));
    } catch (TorchScriptException e) {
      close();
      throw e;
    }
    return this;
  }

  /**
   * Rewards and gradients. Numbers that are not finite are the caller's to refuse.
   *
   * @throws TorchScriptException where the module throws, gives another shape, or gives what cannot
   *     be differentiated in the particles; the message says what was got and what was expected
   */
  @Override
  public Rewards evaluate(Block block) {
    if (block.contextSize() != contextSize) {
      throw new TorchScriptException(
          "TorchScript module %s: got contexts of %d numbers, expected %d"
              .formatted(name, block.contextSize(), contextSize));
    }
    try {
      return reward.evaluate(block);
    } catch (EngineException e) {
      throw new TorchScriptException(
          "TorchScript module %s: expected rewards that are differentiable in the particles: %s"
              .formatted(name, e.getMessage()),
          e);
    }
  }

  private NDArray values(NDArray particles, NDArray contexts) {
    NDArray values =
        switch (inputs) {
          case PARTICLES -> module.apply(particles);
          case PARTICLES_AND_CONTEXTS -> module.apply(particles, contexts);
          case UNKNOWN -> firstValues(particles, contexts);
        };
    Shape expected = new Shape(particles.getShape().get(0));
    if (!values.getShape().equals(expected)) {
      throw new TorchScriptException(
          "TorchScript module %s: its rewards of particles %s have shape %s, expected %s, one number a particle"
              .formatted(name, particles.getShape(), values.getShape(), expected));
    }
    return values;
  }

  private NDArray firstValues(NDArray particles, NDArray contexts) {
    try {
      NDArray values = module.apply(particles);
      inputs = Inputs.PARTICLES;
      return values;
    } catch (TorchScriptException alone) {
      try {
        NDArray values = module.apply(particles, contexts);
        inputs = Inputs.PARTICLES_AND_CONTEXTS;
        return values;
      } catch (TorchScriptException together) {
        throw new TorchScriptException(
            "%s; and as forward(particles, context): %s"
                .formatted(alone.getMessage(), together.getMessage()),
            together);
      }
    }
  }

  @Override
  public void close() {
    reward.close();
  }
}
