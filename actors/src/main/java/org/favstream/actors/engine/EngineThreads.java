// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;

/**
 * How many threads work on one operation inside libtorch; section {@code engine}. The number is the
 * whole JVM's, and a thread that has computed already keeps the one that it began with: set it
 * before anything is computed.
 */
public final class EngineThreads {
  private EngineThreads() {}

  /** Reads section {@code engine} of a job. */
  public static int of(Config job) {
    int threads = job.getInt("engine.threads");
    if (threads < 1) {
      throw new ConfigException.BadValue(
          job.getValue("engine.threads").origin(),
          "engine.threads",
          "got '%d', expected at least 1".formatted(threads));
    }
    return threads;
  }

  /** Sets the number. */
  public static void set(int threads) {
    Engine.getEngine("PyTorch"); // whose start sets a number of its own
    JniUtils.setNumThreads(threads);
  }
}
