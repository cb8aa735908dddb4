// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.util.List;
import java.util.Optional;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.config.JobConfig;
import org.favstream.actors.engine.TorchScriptException;
import org.favstream.actors.engine.TorchScriptSource;

/**
 * Which generator a job aligns; section {@code generator}.
 *
 * @param family how it samples, and how it is pre-trained
 * @param noiseSize standard normals a sample; of a MeanFlow the sample's own size
 * @param contextSize numbers a context; 0 for an unconditional generator
 * @param sampleSize numbers a sample
 * @param hidden sizes of the hidden layers
 * @param steps of a MeanFlow; others have 1
 * @param modules of family torchscript, and of no other
 */
public record GeneratorSettings(
    Family family,
    int noiseSize,
    int contextSize,
    int sampleSize,
    List<Integer> hidden,
    int steps,
    Optional<Modules> modules) {

  /**
   * The code of family torchscript.
   *
   * @param generator makes samples
   * @param features maps them to particles; empty where they are particles themselves
   */
  public record Modules(TorchScriptSource generator, Optional<TorchScriptSource> features) {}

  /** The families. */
  public enum Family {
    /** The decoder of a variational auto-encoder. */
    VAE,
    /** A drifting model: one step, trained by a drift between its samples and the data. */
    DRIFT,
    /** MeanFlow with N steps. */
    MEANFLOW,
    /** A robot's one-step policy; its context is an observation. */
    POLICY,
    /** A module of the user's own. */
    TORCHSCRIPT;

    /** The size of the noise in FAV's toy and for its robots; a MeanFlow has no choice. */
    private int usualNoise(int sampleSize) {
      return switch (this) {
        case VAE -> 8;
        case DRIFT -> 32;
        case MEANFLOW, POLICY -> sampleSize;
        case TORCHSCRIPT -> 0; // nobody knows, and 0 is refused
      };
    }
  }

  public GeneratorSettings {
    hidden = List.copyOf(hidden);
    if (noiseSize < 1 || contextSize < 0 || sampleSize < 1 || hidden.isEmpty()) {
      throw new IllegalArgumentException(
          "generator: noise-size %d, context-size %d, sample-size %d, hidden %s: sizes must be at least 1 (context-size 0)"
              .formatted(noiseSize, contextSize, sampleSize, hidden));
    }
    if (steps < 1 || steps > 1024 || (steps > 1 && family != Family.MEANFLOW)) {
      throw new IllegalArgumentException(
          "generator.steps: got %d, expected 1 to 1024, and 1 for family %s"
              .formatted(steps, JobConfig.nameOf(family)));
    }
    if (family == Family.MEANFLOW && noiseSize != sampleSize) {
      throw new IllegalArgumentException(
          "generator.noise-size: got %d, but a meanflow takes noise of the sample's size, %d"
              .formatted(noiseSize, sampleSize));
    }
    if (modules.isPresent() != (family == Family.TORCHSCRIPT)) {
      throw new IllegalArgumentException(
          "generator.module: family %s takes %s"
              .formatted(
                  JobConfig.nameOf(family), modules.isPresent() ? "none" : "a module's file"));
    }
    if (family == Family.POLICY && contextSize == 0) {
      throw new IllegalArgumentException(
          "generator.context-size: got 0, but a policy needs the size of its observation");
    }
  }

  /** Of a family that comes along. */
  public GeneratorSettings(
      Family family,
      int noiseSize,
      int contextSize,
      int sampleSize,
      List<Integer> hidden,
      int steps) {
    this(family, noiseSize, contextSize, sampleSize, hidden, steps, Optional.empty());
  }

  /** Reads section {@code generator} of a job. */
  public static GeneratorSettings of(Config job) {
    Config section = job.getConfig("generator");
    Family family = JobConfig.choice(section, "family", Family.class);
    int sampleSize = section.getInt("sample-size");
    boolean flow = family == Family.MEANFLOW;
    int noiseSize = section.getInt("noise-size");
    return new GeneratorSettings(
        family,
        noiseSize == 0 ? family.usualNoise(sampleSize) : noiseSize,
        section.getInt("context-size"),
        sampleSize,
        section.getIntList("hidden"),
        flow ? section.getInt("steps") : 1,
        modules(job));
  }

  private static Optional<Modules> modules(Config job) {
    boolean module = !job.getString("generator.module").isEmpty();
    boolean features = !job.getString("generator.features").isEmpty();
    if (features && !module) {
      throw new ConfigException.BadValue(
          job.getValue("generator.features").origin(),
          "generator.features",
          "got '%s', but only the samples of a generator.module are mapped to features"
              .formatted(job.getString("generator.features")));
    }
    return module
        ? Optional.of(
            new Modules(
                source(job, "generator.module"),
                features ? Optional.of(source(job, "generator.features")) : Optional.empty()))
        : Optional.empty();
  }

  private static TorchScriptSource source(Config job, String key) {
    return TorchScriptSource.of(job, key, "generator.module-limit");
  }

  /**
   * The generator.
   *
   * @throws ConfigurationException where it is a module that cannot be used, or is of other sizes
   */
  public Generator create() {
    return switch (family) {
      case MEANFLOW -> meanFlow();
      case POLICY -> new PolicyGenerator(noiseSize, contextSize, sampleSize, hidden);
      case VAE, DRIFT -> new MlpGenerator(noiseSize, contextSize, sampleSize, hidden);
      case TORCHSCRIPT -> torchScript(modules.orElseThrow());
    };
  }

  private Generator torchScript(Modules parts) {
    try {
      Generator samples = TorchScriptGenerator.of(parts.generator(), noiseSize, contextSize);
      Generator generator =
          parts.features().isPresent()
              ? FeatureGenerator.of(samples, parts.features().get())
              : samples;
      if (generator.sampleSize() != sampleSize) {
        throw new TorchScriptException(
            "generator.sample-size: got %d, but the %s of %s have %d numbers"
                .formatted(
                    sampleSize,
                    parts.features().isPresent() ? "features" : "samples",
                    parts.features().orElse(parts.generator()).name(),
                    generator.sampleSize()));
      }
      return generator;
    } catch (TorchScriptException e) {
      throw new ConfigurationException(
          "generator of family torchscript, noise-size %d, context-size %d: %s"
              .formatted(noiseSize, contextSize, e.getMessage()),
          e);
    }
  }

  /** The generator of a MeanFlow, whose velocity pre-training asks for. */
  public MeanFlowGenerator meanFlow() {
    return new MeanFlowGenerator(contextSize, sampleSize, hidden, steps);
  }
}
