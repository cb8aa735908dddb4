// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/**
 * SiLU, {@code x · sigmoid(x)} (Hendrycks and Gimpel, arXiv 1606.08415, section 2), as the engine's
 * own operation: one pass over the numbers forward and one back, with no tensor between them, where
 * a product of {@code x} and its sigmoid takes two and four. A wide network's activations leave the
 * caches between two layers, so passes are what they cost.
 *
 * <p>DJL calls no {@code silu}, but every TorchScript module: here one of that operation alone. It
 * has no state, so all threads and devices share it (a {@link TorchScriptModule}, which has, is
 * confined to one thread).
 */
public final class Silu {
  private static final String RESOURCE = "silu.pt"; // see make_modules.py of the tests
  private static final PtSymbolBlock SILU = load();

  private Silu() {}

  /**
   * SiLU of each number; differentiable where {@code x} is.
   *
   * @param x of any shape, on any device
   * @return of the same shape and type, owned by the same manager
   */
  public static NDArray of(NDArray x) {
    JniUtils.setGraphExecutorOptimize(false); // thread-local; TorchScriptModule says why
    return IValueUtils.forward(SILU, new NDList(x), true).singletonOrThrow();
  }

  private static PtSymbolBlock load() {
    // Lives as long as the process.
    PtNDManager manager = (PtNDManager) NDManager.newBaseManager(Device.cpu(), "PyTorch");
    try (InputStream module =
        Objects.requireNonNull(Silu.class.getResourceAsStream(RESOURCE), RESOURCE)) {
      return JniUtils.loadModule(manager, module, true, false);
    } catch (IOException e) {
      throw new UncheckedIOException(RESOURCE, e);
    }
  }
}
