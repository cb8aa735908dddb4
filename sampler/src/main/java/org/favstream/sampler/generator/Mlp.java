// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import java.util.ArrayList;
import java.util.List;
import org.favstream.actors.engine.ParameterLayout;
import org.favstream.protocol.Noise;
import org.favstream.protocol.TensorSpec;
import org.favstream.sampler.noise.NoiseSource;

/** A multi-layer perceptron with SiLU between its layers, as a function of flat parameters. */
public final class Mlp {
  private final ParameterLayout layout;
  private final int layers;

  /**
   * Layers {@code input → hidden… → output}.
   *
   * @param name what its tensors' names begin with
   */
  public Mlp(String name, int input, List<Integer> hidden, int output) {
    List<TensorSpec> tensors = new ArrayList<>();
    int in = input;
    List<Integer> sizes = new ArrayList<>(hidden);
    sizes.add(output);
    for (int layer = 0; layer < sizes.size(); layer++) {
      int out = sizes.get(layer);
      tensors.add(TensorSpec.of("%s.%d.weight".formatted(name, layer), out, in));
      tensors.add(TensorSpec.of("%s.%d.bias".formatted(name, layer), out));
      in = out;
    }
    this.layers = sizes.size();
    this.layout = new ParameterLayout(tensors);
  }

  /** How its flat parameters are cut: weight {@code (out, in)} and bias by layer. */
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
        x = x.mul(Activation.sigmoid(x)); // DJL's swish multiplies by a number: see Scalars
      }
    }
    return x;
  }

  /**
   * The directional derivative of the network along a tangent of its input (forward mode: the dual
   * number {@code x + ε ẋ} is carried through the layers).
   *
   * @param parameters flat
   * @param input {@code (batch, input)}
   * @param tangent of the input's shape
   * @return {@code (batch, output)}
   */
  public NDArray derivative(NDArray parameters, NDArray input, NDArray tangent) {
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

  private static NDArray linear(NDList tensors, int layer, NDArray x) {
    return Linear.linear(x, tensors.get(2 * layer), tensors.get(2 * layer + 1)).singletonOrThrow();
  }

  /** Columns side by side: the input of a network with several parts. */
  static NDArray columns(NDArray first, NDArray... more) {
    return NDArrays.concat(new NDList(first).addAll(new NDList(more)), 1);
  }

  /**
   * Fresh parameters: each layer's weights and biases normal with variance {@code 1 / (3 fan-in)},
   * the variance of PyTorch's own uniform start.
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
      for (int i = 0; i < tensor.length(); i++) {
        parameters[first + i] *= scale;
      }
      first += tensor.length();
    }
    return parameters;
  }
}
