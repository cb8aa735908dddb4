// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.favstream.protocol.TensorSpec;

/**
 * A TorchScript module on a device: a function of tensors, and of parameters that are its state.
 *
 * <p><b>TorchScript is code</b>, and is loaded from a {@link TorchScriptSource} alone, whose digest
 * is pinned.
 *
 * <p>It computes as in evaluation (no dropout, no running statistics), with its graphs as they were
 * exported: libtorch's optimiser of graphs would change them after the first calls, and the last
 * bits of the numbers with them, so a run that is resumed would part from one that is not. Confined
 * to one thread at a time; several modules of one source know nothing of each other.
 */
public final class TorchScriptModule implements AutoCloseable {
  private static final NDIndex ALL = new NDIndex("...");
  private static final String[] NO_EXTRA_FILES = {};

  private final String name;
  private final PtNDManager manager;
  private final PtSymbolBlock block;
  private final List<PtNDArray> parameters;
  private final ParameterLayout layout;
  private boolean hasThrown;

  private TorchScriptModule(
      String name, PtNDManager manager, PtSymbolBlock block, List<PtNDArray> parameters) {
    this.name = name;
    this.manager = manager;
    this.block = block;
    this.parameters = parameters;
    this.layout = new ParameterLayout(parameters.stream().map(this::spec).toList());
  }

  /**
   * Loads a module as a function: its parameters stay as they are, and take no gradients.
   *
   * @param owner on whose device it computes; the module ends with it, if it was not closed before
   * @throws TorchScriptException where the source has no such bytes, or they are no TorchScript
   */
  public static TorchScriptModule load(TorchScriptSource source, NDManager owner) {
    return load(source, owner, false);
  }

  /**
   * Loads a module to be trained: {@link #layout} has its parameters that ask for a gradient, under
   * the first of their names. The others, and its buffers, stay as they are.
   *
   * @param owner on whose device it computes; the module ends with it, if it was not closed before
   * @throws TorchScriptException where the source has no such bytes, or they are no TorchScript, or
   *     there is no parameter of float32 to be trained
   */
  public static TorchScriptModule loadTrainable(TorchScriptSource source, NDManager owner) {
    return load(source, owner, true);
  }

  private static TorchScriptModule load(
      TorchScriptSource source, NDManager owner, boolean trainable) {
    Path copy = source.verifiedCopy();
    PtNDManager manager = (PtNDManager) owner.newSubManager();
    try {
      PtSymbolBlock block =
          JniUtils.loadModule(manager, copy, true, NO_EXTRA_FILES, NO_EXTRA_FILES, true);
      if (!List.of(JniUtils.getMethodNames(block)).contains("forward")) {
        throw new TorchScriptException(
            "TorchScript module %s: it has no method forward".formatted(source.name()));
      }
      JniUtils.enableInferenceMode(block);
      List<PtNDArray> parameters = parameters(source.name(), block, manager, trainable);
      return new TorchScriptModule(source.name(), manager, block, parameters);
    } catch (EngineException e) {
      manager.close();
      throw new TorchScriptException(
          "TorchScript module %s: it is none: %s; expected what torch.jit.script(module).save(file) writes"
              .formatted(source.name(), lastLine(e)),
          e);
    } catch (TorchScriptException e) {
      manager.close();
      throw e;
    } finally {
      delete(copy);
    }
  }

  private static void delete(Path copy) {
    try {
      Files.deleteIfExists(copy);
    } catch (IOException e) {
      copy.toFile().deleteOnExit(); // the module stands in memory; the copy is only in the way
    }
  }

  private static List<PtNDArray> parameters(
      String module, PtSymbolBlock block, PtNDManager manager, boolean trainable) {
    List<PtNDArray> all = new ArrayList<>();
    for (NDArray parameter : JniUtils.moduleGetParams(block, manager)) {
      if (parameter.hasGradient()) {
        all.add((PtNDArray) parameter);
      }
    }
    if (!trainable) {
      all.forEach(parameter -> parameter.setRequiresGradient(false));
      return List.of();
    }
    if (all.isEmpty()) {
      throw new TorchScriptException(
          "TorchScript module %s: it has no parameter that asks for a gradient, expected one at least: export it as it is trained, neither frozen nor with requires_grad off"
              .formatted(module));
    }
    for (PtNDArray parameter : all) {
      if (parameter.getDataType() != DataType.FLOAT32) {
        throw new TorchScriptException(
            "TorchScript module %s: parameter %s is of %s, expected float32"
                .formatted(module, parameter.getName(), parameter.getDataType()));
      }
    }
    return distinct(all, manager);
  }

  /**
   * One of each: a parameter that two parts of a module share has two names. Each is marked by a
   * number, the first last; those that keep their own are the first of their kind.
   */
  private static List<PtNDArray> distinct(List<PtNDArray> all, NDManager manager) {
    List<PtNDArray> distinct = new ArrayList<>();
    inPlace(
        manager,
        () -> {
          float[] first = new float[all.size()];
          for (int i = 0; i < first.length; i++) {
            first[i] = all.get(i).getFloat(corner(all.get(i)));
          }
          for (int i = first.length - 1; i >= 0; i--) {
            mark(all.get(i), i);
          }
          for (int i = 0; i < first.length; i++) {
            if (all.get(i).getFloat(corner(all.get(i))) == i) {
              distinct.add(all.get(i));
            }
          }
          for (int i = 0; i < first.length; i++) {
            mark(all.get(i), first[i]);
          }
        });
    return distinct;
  }

  private static long[] corner(NDArray tensor) {
    return new long[tensor.getShape().dimension()];
  }

  private static void mark(NDArray tensor, float number) {
    long[] corner = corner(tensor);
    tensor.set(corner.length == 0 ? ALL : new NDIndex(corner), number);
  }

  /** What changes parameters that ask for a gradient, which no graph may see. */
  private static void inPlace(NDManager manager, Runnable change) {
    boolean graph = JniUtils.isGradMode();
    JniUtils.setGradMode(false); // thread-local
    EngineScope scope = new EngineScope(manager);
    try {
      change.run();
    } finally {
      scope.close();
      JniUtils.setGradMode(graph);
    }
  }

  private TensorSpec spec(NDArray parameter) {
    int[] shape =
        Arrays.stream(parameter.getShape().getShape()).mapToInt(Math::toIntExact).toArray();
    try {
      return TensorSpec.of(parameter.getName(), shape);
    } catch (IllegalArgumentException e) {
      throw new TorchScriptException(
          "TorchScript module %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  /** Names and shapes of what is trained, in the module's order. */
  public ParameterLayout layout() {
    return layout;
  }

  /** A copy of the numbers that are trained, in the order of {@link #layout}. */
  public float[] parameters() {
    float[] numbers = new float[layout.length()];
    int end = 0;
    for (PtNDArray parameter : parameters) {
      float[] part = parameter.toFloatArray();
      System.arraycopy(part, 0, numbers, end, part.length);
      end += part.length;
    }
    return numbers;
  }

  /**
   * Takes other numbers for what is trained.
   *
   * @param numbers {@code (layout().length())}
   */
  public void set(NDArray numbers) {
    inPlace(
        manager,
        () -> {
          NDList parts = layout.cut(numbers);
          for (int i = 0; i < parameters.size(); i++) {
            parameters.get(i).set(ALL, parts.get(i));
          }
        });
  }

  /**
   * The module's value, without a graph.
   *
   * @param inputs each {@code (rows, …)}
   * @throws TorchScriptException where the module throws, takes another number of inputs, or gives
   *     anything but one tensor of float32
   */
  public NDArray infer(NDArray... inputs) {
    return forward(inputs, false);
  }

  /**
   * The module's value, to be differentiated in its inputs and in what is trained.
   *
   * @param inputs each {@code (rows, …)}
   * @throws TorchScriptException as {@link #infer}
   */
  public NDArray apply(NDArray... inputs) {
    JniUtils.setGradMode(true); // thread-local
    return forward(inputs, true);
  }

  private NDArray forward(NDArray[] inputs, boolean graph) {
    JniUtils.setGraphExecutorOptimize(false); // thread-local
    NDList outputs;
    try {
      if (graph && hasThrown) {
        // DJL lets go of the inputs of a call with a graph only where it returns. So a module that
        // has thrown is from then on asked without one first.
        withoutGraph(inputs).close();
      }
      outputs = graph ? IValueUtils.forward(block, new NDList(inputs), true) : withoutGraph(inputs);
    } catch (EngineException | UnsupportedOperationException e) {
      hasThrown = true;
      throw new TorchScriptException(
          "TorchScript module %s: forward of %s failed: %s"
              .formatted(name, shapes(inputs), lastLine(e)),
          e);
    }
    if (outputs.size() != 1 || outputs.get(0).getDataType() != DataType.FLOAT32) {
      throw new TorchScriptException(
          "TorchScript module %s: forward of %s gave %s, expected one tensor of float32"
              .formatted(
                  name,
                  shapes(inputs),
                  outputs.stream()
                      .map(output -> output.getDataType() + " " + output.getShape())
                      .collect(Collectors.joining(", ", "[", "]"))));
    }
    return outputs.get(0);
  }

  private NDList withoutGraph(NDArray[] inputs) {
    List<IValue> values = new ArrayList<>();
    try {
      for (NDArray input : inputs) {
        values.add(IValue.from((PtNDArray) input));
      }
      try (IValue output = block.forward(values.toArray(IValue[]::new))) {
        return output.toNDList((PtNDManager) inputs[0].getManager());
      }
    } finally {
      values.forEach(IValue::close);
    }
  }

  private static String shapes(NDArray[] inputs) {
    return Arrays.stream(inputs)
        .map(input -> input.getShape().toString())
        .collect(Collectors.joining(", "));
  }

  /** What a module says last is what went wrong; the way there stands above it. */
  private static String lastLine(RuntimeException e) {
    return String.valueOf(e.getMessage())
        .strip()
        .lines()
        .reduce("", (before, line) -> line.isBlank() ? before : line.strip());
  }

  /**
   * The gradient in what is trained, of all that was differentiated since it was last asked for. To
   * be asked for within a scope.
   *
   * @return {@code (layout().length())}; 0 where nothing hung on a parameter
   */
  public NDArray takeGradient() {
    NDList parts = new NDList();
    List<PtNDArray> reached = new ArrayList<>();
    for (PtNDArray parameter : parameters) {
      PtNDArray gradient = JniUtils.getGradient(parameter);
      if (gradient == null) {
        parts.add(parameter.zerosLike().flatten());
      } else {
        parts.add(gradient.flatten());
        reached.add(parameter);
      }
    }
    NDArray all = NDArrays.concat(parts);
    reached.forEach(JniUtils::zeroGrad);
    return all;
  }

  @Override
  public void close() {
    manager.close();
  }
}
