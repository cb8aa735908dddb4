// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.cuda.CudaUtils;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.favstream.actors.config.ConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a role computes: {@code auto}, {@code cpu} or {@code cuda:N}.
 *
 * <p>{@code auto} takes the first CUDA device that the engine can use, else the CPU. {@code cuda:N}
 * takes that device or fails with what is missing.
 */
public final class EngineDevice {
  private static final Logger log = LoggerFactory.getLogger(EngineDevice.class);
  private static final Pattern CUDA = Pattern.compile("cuda:(\\d{1,3})");
  private static final String NATIVES =
      "the engine's CUDA libraries (libtorch 2.7.1, cu128) are not among those on Maven Central."
          + " Either point at an installed libtorch: PYTORCH_LIBRARY_PATH=<its lib folder>"
          + " PYTORCH_VERSION=2.7.1 PYTORCH_FLAVOR=cu128 (all three); or let DJL download it:"
          + " PYTORCH_VERSION=2.7.1 PYTORCH_FLAVOR=cu128 and -Dai.djl.offline=false"
          + " (FAVSTREAM_JAVA_OPTS)";

  private EngineDevice() {}

  /**
   * The device behind a choice.
   *
   * @param choice {@code auto}, {@code cpu} or {@code cuda:N}
   * @throws ConfigurationException where the choice is none of them, or the device is not there
   */
  public static Device resolve(String choice) {
    if (choice.equals("cpu")) {
      return Device.cpu();
    }
    if (choice.equals("auto")) {
      if (CudaUtils.getGpuCount() == 0) {
        return Device.cpu();
      }
      try {
        return probe(Device.gpu(0));
      } catch (ConfigurationException unusable) {
        log.warn("device = auto takes the CPU although there is a GPU: {}", unusable.getMessage());
        return Device.cpu();
      }
    }
    Matcher cuda = CUDA.matcher(choice);
    if (!cuda.matches()) {
      throw new ConfigurationException(
          "device: got '%s', expected auto, cpu or cuda:N".formatted(choice));
    }
    int index = Integer.parseInt(cuda.group(1));
    int present = CudaUtils.getGpuCount();
    if (index >= present) {
      throw new ConfigurationException(
          "device: got '%s', but this machine shows %s"
              .formatted(choice, present == 0 ? "no CUDA device" : present + " CUDA device(s)"));
    }
    return probe(Device.gpu(index));
  }

  private static Device probe(Device device) {
    try (NDManager manager = NDManager.newBaseManager(device, "PyTorch")) {
      manager.ones(new Shape(1)).addi(1);
      return device;
    } catch (EngineException | IllegalArgumentException | UnsatisfiedLinkError e) {
      throw new ConfigurationException(
          "device: libtorch %s here cannot use %s: %s (%s)"
              .formatted(Engine.getEngine("PyTorch").getVersion(), device, NATIVES, e.getMessage()),
          e);
    }
  }
}
