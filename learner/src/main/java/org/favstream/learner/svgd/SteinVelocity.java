// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.favstream.learner.svgd.Lanes.TILE;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The Stein velocity of blocks of particles, on the CPU in float32.
 *
 * <p>An instance owns the workspace of its computations and belongs to one thread. Its results do
 * not depend on the number of threads, on how rows are split, on the JVM or on the width of the
 * machine's vectors: they are the same to the last bit. Its time is {@code O(contexts · n · (n + m)
 * · d)}, its memory {@code O(contexts · n · d)} and a constant.
 *
 * <p>Numbers that are not finite throw nothing: the velocity of such a particle is not finite, and
 * others of its context may not be. The first calls are slow, for about a second in all, until the
 * JVM has compiled the loops.
 */
public final class SteinVelocity {
  /** Chunks per thread: enough to even out threads that get less of a core. */
  private static final int CHUNKS_PER_THREAD = 4;

  private final Workers workers;
  private final List<Passes> passes = new ArrayList<>();
  private float[] scores = {};

  private @Nullable VelocitySettings settings;
  private Scales kde = new Scales(List.of(1.0));
  private Scales stein = kde;

  /** Computes in the calling thread. */
  public SteinVelocity() {
    this(1, Runnable::run);
  }

  /**
   * Computes in several threads.
   *
   * @param threads how many, at least 1, with the calling thread
   * @param executor what runs the others
   */
  public SteinVelocity(int threads, Executor executor) {
    workers = new Workers(threads, executor);
    for (int i = 0; i < threads; i++) {
      passes.add(new Passes());
    }
  }

  /**
   * The velocities of all particles.
   *
   * @param velocities where to put them, {@code (contexts, n, d)}; none of the block's arrays
   */
  public void compute(VelocitySettings settings, ParticleBlock block, float[] velocities) {
    requireRows("velocities", block, velocities);
    if (scores.length != velocities.length) {
      scores = new float[velocities.length];
    }
    prepare(settings);
    Chunks chunks = Chunks.of(block, CHUNKS_PER_THREAD * workers.count());
    if (workers.count() == 1 || chunks.count() == 1) {
      contexts(0, settings, block, 0, block.rows(), velocities);
      return;
    }
    if (chunks.areWholeContexts()) {
      workers.run(
          chunks.count(),
          (worker, chunk) ->
              contexts(worker, settings, block, chunks.from(chunk), chunks.to(chunk), velocities));
      return;
    }
    workers.run(
        chunks.count(),
        (worker, chunk) ->
            scoreRows(worker, settings, block, chunks.from(chunk), chunks.to(chunk), scores));
    workers.run(
        chunks.count(),
        (worker, chunk) ->
            velocityRows(
                worker, settings, block, scores, chunks.from(chunk), chunks.to(chunk), velocities));
  }

  /**
   * The total scores {@code ∇ log p̂ + β ∇r} of some rows, in the calling thread. A row is a
   * particle of any context: row {@code c·n + i} is particle i of context c.
   *
   * @param scores where to put them, {@code (contexts, n, d)}; other rows are left alone
   */
  public void scores(
      VelocitySettings settings, ParticleBlock block, int fromRow, int toRow, float[] scores) {
    Objects.checkFromToIndex(fromRow, toRow, block.rows());
    requireRows("scores", block, scores);
    prepare(settings);
    scoreRows(0, settings, block, fromRow, toRow, scores);
  }

  /**
   * The velocities of some rows, in the calling thread.
   *
   * @param scores the total scores of all particles of the rows' contexts, {@code (contexts, n, d)}
   * @param velocities where to put them, {@code (contexts, n, d)}; other rows are left alone
   */
  public void velocities(
      VelocitySettings settings,
      ParticleBlock block,
      float[] scores,
      int fromRow,
      int toRow,
      float[] velocities) {
    Objects.checkFromToIndex(fromRow, toRow, block.rows());
    requireRows("scores", block, scores);
    requireRows("velocities", block, velocities);
    prepare(settings);
    velocityRows(0, settings, block, scores, fromRow, toRow, velocities);
  }

  private static void requireRows(String name, ParticleBlock block, float[] array) {
    ParticleBlock.requireShape(
        name, array, block.contexts(), block.particleCount(), block.dimensions());
  }

  private void prepare(VelocitySettings settings) {
    if (!settings.equals(this.settings)) {
      kde = new Scales(settings.kdeBandwidths());
      stein = new Scales(settings.steinBandwidths());
      this.settings = settings;
    }
  }

  /** The scores and velocities of whole contexts, one by one, so that each stays in the cache. */
  private void contexts(
      int worker,
      VelocitySettings settings,
      ParticleBlock block,
      int fromRow,
      int toRow,
      float[] velocities) {
    ScorePass score = passes.get(worker).score(block, kde);
    VelocityPass velocity = passes.get(worker).velocity(block, stein);
    forEachContext(
        block.particleCount(),
        fromRow,
        toRow,
        (context, from, to) -> {
          score.run(settings, kde, block, context, from, to, scores);
          velocity.run(settings, stein, block, scores, context, from, to, velocities);
        });
  }

  private void scoreRows(
      int worker,
      VelocitySettings settings,
      ParticleBlock block,
      int fromRow,
      int toRow,
      float[] scores) {
    ScorePass pass = passes.get(worker).score(block, kde);
    forEachContext(
        block.particleCount(),
        fromRow,
        toRow,
        (context, from, to) -> pass.run(settings, kde, block, context, from, to, scores));
  }

  private void velocityRows(
      int worker,
      VelocitySettings settings,
      ParticleBlock block,
      float[] scores,
      int fromRow,
      int toRow,
      float[] velocities) {
    VelocityPass pass = passes.get(worker).velocity(block, stein);
    forEachContext(
        block.particleCount(),
        fromRow,
        toRow,
        (context, from, to) ->
            pass.run(settings, stein, block, scores, context, from, to, velocities));
  }

  /** Splits rows at the borders of contexts of n rows. */
  private static void forEachContext(int n, int fromRow, int toRow, ContextRows task) {
    for (int row = fromRow; row < toRow; ) {
      int context = row / n;
      int end = Math.min(toRow, (context + 1) * n);
      task.run(context, row - context * n, end - context * n);
      row = end;
    }
  }

  /** What is to be done with some particles of a context. */
  private interface ContextRows {
    void run(int context, int from, int to);
  }

  /** A thread's workspaces, made anew where the shape changes. */
  private static final class Passes {
    private @Nullable ScorePass score;
    private Workspace.@Nullable Shape scoreShape;
    private @Nullable VelocityPass velocity;
    private Workspace.@Nullable Shape velocityShape;

    ScorePass score(ParticleBlock block, Scales scales) {
      Workspace.Shape shape = Workspace.Shape.of(block, scales);
      ScorePass current = score;
      if (current == null || !shape.equals(scoreShape)) {
        current = new ScorePass(shape.workspace(), scales);
        score = current;
        scoreShape = shape;
      }
      return current;
    }

    VelocityPass velocity(ParticleBlock block, Scales scales) {
      Workspace.Shape shape = Workspace.Shape.of(block, scales);
      VelocityPass current = velocity;
      if (current == null || !shape.equals(velocityShape)) {
        current = new VelocityPass(shape.workspace(), scales);
        velocity = current;
        velocityShape = shape;
      }
      return current;
    }
  }

  /**
   * A split of a block's rows: whole contexts, or parts of one that are whole tiles but for the
   * last.
   */
  private record Chunks(int rows, int contextRows, int chunkRows, int chunksPerContext) {

    static Chunks of(ParticleBlock block, int wanted) {
      int n = block.particleCount();
      int share = Math.max(1, block.rows() / wanted);
      if (share >= n) {
        return new Chunks(block.rows(), n, share / n * n, 0);
      }
      int chunkRows = Workspace.tiles(share) * TILE;
      return new Chunks(block.rows(), n, chunkRows, (n + chunkRows - 1) / chunkRows);
    }

    boolean areWholeContexts() {
      return chunksPerContext == 0;
    }

    int count() {
      return areWholeContexts()
          ? (rows + chunkRows - 1) / chunkRows
          : rows / contextRows * chunksPerContext;
    }

    int from(int chunk) {
      return areWholeContexts()
          ? chunk * chunkRows
          : chunk / chunksPerContext * contextRows + chunk % chunksPerContext * chunkRows;
    }

    int to(int chunk) {
      return areWholeContexts()
          ? Math.min(rows, from(chunk) + chunkRows)
          : Math.min((chunk / chunksPerContext + 1) * contextRows, from(chunk) + chunkRows);
    }
  }
}
