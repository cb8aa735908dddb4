// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GradientsTest {
  private static final double[] AT = {0.3, -0.7, 1.1, 0.2};
  private static final double[] COTANGENT = {1, -2, 0.5, 3};

  @SuppressWarnings("NullAway.Init")
  private static NDManager manager;

  @BeforeAll
  static void start() {
    manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
  }

  @AfterAll
  static void stop() {
    manager.close();
  }

  /** {@code exp(x) x + Σ x²}: neighbours depend on each other. */
  private static NDArray function(NDArray x) {
    return x.exp().mul(x).add(x.square().sum());
  }

  private static double[] gradient(NDManager here, double[] at) {
    NDArray leaf = Gradients.leafOf(here.create(at));
    return Gradients.inLeaf(function(leaf), here.create(COTANGENT), leaf).toDoubleArray();
  }

  private static double weighted(double[] at) {
    double[] values = function(manager.create(at)).toDoubleArray();
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += COTANGENT[i] * values[i];
    }
    return sum;
  }

  @Test
  void shouldMeetFiniteDifferencesWhenOutputsAreWeighted() {
    double[] gradient = gradient(manager, AT);
    double step = 1e-6;
    for (int i = 0; i < AT.length; i++) {
      double[] up = AT.clone();
      double[] down = AT.clone();
      up[i] += step;
      down[i] -= step;
      assertThat(gradient[i]).isCloseTo((weighted(up) - weighted(down)) / (2 * step), within(1e-7));
    }
  }

  @Test
  void shouldGiveEachThreadItsOwnWhenTwoDifferentiateAtOnce() throws Exception {
    int threads = 2;
    CyclicBarrier together = new CyclicBarrier(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<List<double[]>>> runs = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        double shift = 0.1 * thread;
        runs.add(
            pool.submit(
                () -> {
                  List<double[]> gradients = new ArrayList<>();
                  for (int i = 0; i < 50; i++) {
                    try (EngineScope scope = new EngineScope(manager)) {
                      NDArray leaf = Gradients.leafOf(scope.manager().create(shifted(shift)));
                      NDArray output = function(leaf);
                      NDArray cotangent = scope.manager().create(COTANGENT);
                      together.await(30, TimeUnit.SECONDS); // both hold a graph now
                      gradients.add(Gradients.inLeaf(output, cotangent, leaf).toDoubleArray());
                    }
                  }
                  return gradients;
                }));
      }
      for (int thread = 0; thread < threads; thread++) {
        double[] alone = gradient(manager, shifted(0.1 * thread));
        assertThat(runs.get(thread).get())
            .hasSize(50)
            .allSatisfy(each -> assertThat(each).containsExactly(alone));
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static double[] shifted(double by) {
    double[] at = AT.clone();
    for (int i = 0; i < at.length; i++) {
      at[i] += by;
    }
    return at;
  }

  @Test
  void shouldLeaveTheTensorWithoutAGraphWhenALeafIsTakenOfIt() {
    NDArray tensor = manager.create(new float[] {1, 2});
    NDArray leaf = Gradients.leafOf(tensor);
    NDArray output = function(leaf);
    assertThat(Gradients.inLeaf(output, output.onesLike(), leaf).toFloatArray()).hasSize(2);
    assertThat(tensor.hasGradient()).isFalse();
    NDArray graphless = function(tensor);
    assertThatThrownBy(() -> Gradients.inLeaf(graphless, graphless.onesLike(), leaf))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("does not require grad");
  }

  @Test
  void shouldShareItsNumbersWhenALeafIsTaken() {
    NDArray tensor = manager.create(new float[] {1, 2});
    NDArray leaf = Gradients.leafOf(tensor);
    FlatTensors.write(tensor, new float[] {3, 4});
    assertThat(leaf.toFloatArray()).containsExactly(3, 4);
  }

  @Test
  void shouldBeginAnewWhenALeafIsTakenAgain() {
    NDArray tensor = manager.create(new double[] {1, 2});
    for (int time = 0; time < 2; time++) {
      NDArray leaf = Gradients.leafOf(tensor);
      NDArray output = leaf.mul(leaf);
      assertThat(Gradients.inLeaf(output, output.onesLike(), leaf).toDoubleArray())
          .containsExactly(2, 4);
    }
  }

  @Test
  void shouldDifferentiateWhenTheThreadHadGradientsSwitchedOff() {
    JniUtils.setGradMode(false);
    assertThat(gradient(manager, AT)).hasSize(AT.length).doesNotContain(0);
  }
}
