// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.sampler.generator.LoadedGenerator;

/**
 * The loaded policies: the newest, and each that a running episode began with. One that neither
 * holds is freed.
 */
final class Policies implements AutoCloseable {

  /** A version on the device; its generator is used and closed by the inference's thread. */
  static final class Policy {
    private final long version;
    private final LoadedGenerator generator;
    private int episodes;

    private Policy(long version, LoadedGenerator generator) {
      this.version = version;
      this.generator = generator;
    }

    long version() {
      return version;
    }

    LoadedGenerator generator() {
      return generator;
    }
  }

  private final PolicySource source;
  private final Executor inference;
  private final Set<Policy> loaded = new HashSet<>();
  private Policy newest;
  private long offered;

  /**
   * Loads the first one.
   *
   * @param inference where policies are closed: after the pass that is under way
   * @throws WeightsException where the weights are another generator's
   */
  Policies(PolicySource source, Executor inference) throws WeightsException {
    this.source = source;
    this.inference = inference;
    PublishedWeights first = source.newest().get();
    this.newest = load(first);
    this.offered = first.version();
  }

  private Policy load(PublishedWeights weights) throws WeightsException {
    Policy policy =
        new Policy(
            weights.version(),
            new LoadedGenerator(source.generator(), weights.weights(), source.device()));
    loaded.add(policy);
    return policy;
  }

  /**
   * Loads weights that are newer than all before; nothing changes where they do not fit.
   *
   * @throws WeightsException where they are another generator's; said once
   */
  void take(PublishedWeights weights) throws WeightsException {
    if (weights.version() <= offered) {
      return;
    }
    offered = weights.version();
    Policy before = newest;
    newest = load(weights);
    freeUnused(before);
  }

  /** The newest one, for an episode that begins. */
  Policy pin() {
    newest.episodes++;
    return newest;
  }

  /** The episode is over. */
  void release(Policy policy) {
    policy.episodes--;
    freeUnused(policy);
  }

  private void freeUnused(Policy policy) {
    if (policy != newest && policy.episodes == 0) {
      loaded.remove(policy);
      inference.execute(policy.generator::close);
    }
  }

  @Override
  public void close() {
    loaded.forEach(policy -> inference.execute(policy.generator::close));
    loaded.clear();
  }
}
