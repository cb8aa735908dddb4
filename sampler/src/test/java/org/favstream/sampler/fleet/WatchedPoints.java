// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import java.util.ArrayList;
import java.util.List;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.PointMass;

/** Points on a line that remember what is done to them, and break when told to. */
public final class WatchedPoints implements Environment {
  private final PointMass inner;
  final List<Long> seeds = new ArrayList<>();
  final List<float[]> actions = new ArrayList<>();
  Runnable onStep = () -> {};
  boolean broken;
  boolean brokenAtReset;
  private volatile boolean closed;

  public WatchedPoints(int copies) {
    inner = new PointMass(copies);
  }

  public boolean isClosed() {
    return closed;
  }

  @Override
  public Spec spec() {
    return inner.spec();
  }

  @Override
  public float[] reset(int copy, long seed) throws EnvironmentException {
    requireWhole(brokenAtReset);
    seeds.add(seed);
    return inner.reset(copy, seed);
  }

  @Override
  public Step step(float[] rows) throws EnvironmentException {
    requireWhole(broken);
    actions.add(rows.clone());
    onStep.run();
    return inner.step(rows);
  }

  private static void requireWhole(boolean broken) throws EnvironmentException {
    if (broken) {
      throw new EnvironmentException("points: broke");
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
