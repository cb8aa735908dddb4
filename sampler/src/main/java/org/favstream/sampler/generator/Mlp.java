// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.favstream.actors.engine.ParameterLayout;
import org.favstream.actors.engine.Silu;
import org.favstream.protocol.Noise;
import org.favstream.protocol.TensorSpec;
import org.favstream.sampler.noise.NoiseSource;

/** A multi-layer perceptron as a function of flat parameters. */
public final class Mlp {

  /** What stands between two layers. */
  public enum Between {
    /** {@code x · sigmoid(x)}. */
    SILU,
    /** {@code x · Φ(x)}, exact (not the approximation by tanh). */
    GELU,
    /** {@link #GELU}, then layer normalisation with a gain and a shift of its own. */
    GELU_NORM;

    NDArray of(NDArray x, NDList gainAndShift) {
      return switch (this) {
        case SILU -> Silu.of(x);
        case GELU -> Activation.gelu(x);
        case GELU_NORM ->
            LayerNorm.layerNorm(
                    Activation.gelu(x),
                    new Shape(x.getShape().get(1)),
                    gainAndShift.get(0),
                    gainAndShift.get(1),
                    NORM_EPSILON)
                .singletonOrThrow();
      };
    }

    /** Tensors of a hidden layer: weight, bias, and perhaps gain and shift. */
    int tensors() {
      return this == GELU_NORM ? 4 : 2;
    }
  }

  /** Added to the variance; Flax's default (PyTorch's is 1e-5), as the networks of FAV have it. */
  private static final float NORM_EPSILON = 1e-6f;

  private static final String GAIN = "norm.weight";
  private static final String SHIFT = "norm.bias";

  private final Between between;
  private final ParameterLayout layout;
  private final int layers;

  /**
   * Layers {@code input → hidden… → output} with SiLU between them.
   *
   * @param name what its tensors' names begin with
   */
  public Mlp(String name, int input, List<Integer> hidden, int output) {
    this(name, input, hidden, output, Between.SILU);
  }

  /**
   * Layers {@code input → hidden… → output}.
   *
   * @param name what its tensors' names begin with
   */
  public Mlp(String name, int input, List<Integer> hidden, int output, Between between) {
    List<TensorSpec> tensors = new ArrayList<>();
    int in = input;
    List<Integer> sizes = new ArrayList<>(hidden);
    sizes.add(output);
    for (int layer = 0; layer < sizes.size(); layer++) {
      int out = sizes.get(layer);
      tensors.add(TensorSpec.of("%s.%d.weight".formatted(name, layer), out, in));
      tensors.add(TensorSpec.of("%s.%d.bias".formatted(name, layer), out));
      if (between == Between.GELU_NORM && layer < hidden.size()) {
        tensors.add(TensorSpec.of("%s.%d.%s".formatted(name, layer, GAIN), out));
        tensors.add(TensorSpec.of("%s.%d.%s".formatted(name, layer, SHIFT), out));
      }
      in = out;
    }
    this.between = between;
    this.layers = sizes.size();
    this.layout = new ParameterLayout(tensors);
  }

  /**
   * How its flat parameters are cut: weight {@code (out, in)} and bias by layer; after them, where
   * a hidden layer is normalised, gain and shift.
   */
  public ParameterLayout layout() {
    return layout;
  }

  /**
   * The network's values.
   *
   * @param parameters flat
   * @param input {@code (batch, input)}
   * @return {@code (batch, output)}
   */
  public NDArray forward(NDArray parameters, NDArray input) {
    NDList tensors = layout.cut(parameters);
    NDArray x = input;
    for (int layer = 0; layer < layers; layer++) {
      x = linear(tensors, layer, x);
      if (layer < layers - 1) {
        int first = layer * between.tensors();
        x = between.of(x, tensors.subNDList(first + 2, first + between.tensors()));
      }
    }
    return x;
  }

  /**
   * The directional derivative of the network along a tangent of its input (forward mode: the dual
   * number {@code x + ε ẋ} is carried through the layers). Of a network with SiLU alone.
   *
   * @param parameters flat
   * @param input {@code (batch, input)}
   * @param tangent of the input's shape
   * @return {@code (batch, output)}
   */
  public NDArray derivative(NDArray parameters, NDArray input, NDArray tangent) {
    if (between != Between.SILU) {
      throw new IllegalStateException("a tangent is carried through SiLU, not through " + between);
    }
    NDList tensors = layout.cut(parameters);
    NDArray x = input;
    NDArray dx = tangent;
    for (int layer = 0; layer < layers; layer++) {
      x = linear(tensors, layer, x);
      dx = dx.matMul(tensors.get(2 * layer).transpose());
      if (layer < layers - 1) {
        NDArray gate = Activation.sigmoid(x);
        NDArray slope = gate.mul(x.mul(gate.neg().add(1)).add(1));
        x = x.mul(gate);
        dx = dx.mul(slope);
      }
    }
    return dx;
  }

  private NDArray linear(NDList tensors, int layer, NDArray x) {
    int first = layer * between.tensors();
    return Linear.linear(x, tensors.get(first), tensors.get(first + 1)).singletonOrThrow();
  }

  /** Columns side by side: the input of a network with several parts. */
  static NDArray columns(NDArray first, NDArray... more) {
    return NDArrays.concat(new NDList(first).addAll(new NDList(more)), 1);
  }

  /**
   * Fresh parameters: each layer's weights and biases normal with variance {@code 1 / (3 fan-in)},
   * the variance of PyTorch's own uniform start; gains 1, shifts 0.
   *
   * @param seed which draw
   */
  public float[] initialParameters(long seed) {
    float[] parameters = NoiseSource.normals(new Noise(seed, 0), layout.length());
    int first = 0;
    int fanIn = 1;
    for (TensorSpec tensor : layout.tensors()) {
      fanIn = tensor.shape().size() == 2 ? tensor.shape().get(1) : fanIn; // a bias has its weight's
      float scale = (float) Math.sqrt(1.0 / (3.0 * fanIn));
      int end = first + tensor.length();
      if (tensor.name().endsWith(GAIN)) {
        Arrays.fill(parameters, first, end, 1);
      } else if (tensor.name().endsWith(SHIFT)) {
        Arrays.fill(parameters, first, end, 0);
      } else {
        for (int i = first; i < end; i++) {
          parameters[i] *= scale;
        }
      }
      first = end;
    }
    return parameters;
  }
}
