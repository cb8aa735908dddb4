// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The topics of a run: names, partitions and retention. All names begin with the run's prefix, so
 * that several runs share a cluster.
 *
 * @param prefix what every name begins with, such as {@code myrun.}
 * @param retention how long groups and scores are kept
 * @param retentionBytes how much of each partition of groups and scores is kept, in bytes
 */
public record Topics(String prefix, Duration retention, long retentionBytes) {

  /** Partitions of {@link #generations()} and {@link #scores()}: fixed for the life of a run. */
  public static final int GROUP_PARTITIONS = 16;

  /** Partitions of {@link #contexts()} and {@link #transitions()}. */
  public static final int POLICY_PARTITIONS = 4;

  /** The largest record that we write, in bytes; larger weights go in chunks. */
  public static final int MAX_RECORD_BYTES = 8 * 1024 * 1024;

  /** How many bytes of weights a chunk holds. */
  public static final int CHUNK_BYTES = 900 * 1024;

  /**
   * What a topic is to be made with.
   *
   * @param configs the topic's settings, as Kafka names them
   */
  public record Spec(String name, int partitions, Map<String, String> configs) {
    public Spec {
      configs = Map.copyOf(configs);
    }
  }

  /** Groups, keyed by sampler and incarnation. */
  public String generations() {
    return prefix + "generations";
  }

  /** Scored or refused groups, keyed as their groups are. */
  public String scores() {
    return prefix + "scores";
  }

  /** Weights: chunks by slot and index, the manifest last; compacted. */
  public String weights() {
    return prefix + "weights";
  }

  /** Credits, the newest counts; compacted. */
  public String credits() {
    return prefix + "credits";
  }

  /** Leases of samplers, keyed by sampler and incarnation. */
  public String leases() {
    return prefix + "leases";
  }

  /** A record a learner step, kept for ever. */
  public String lineage() {
    return prefix + "lineage";
  }

  /** Evaluations, keyed by weights version; kept for ever. */
  public String evaluations() {
    return prefix + "evaluations";
  }

  /** What a policy and people live through, keyed by who acted. */
  public String transitions() {
    return prefix + "transitions";
  }

  /** States to act in, for a policy. */
  public String contexts() {
    return prefix + "contexts";
  }

  /** Critics, as weights are on {@link #weights()}; compacted. */
  public String rewardModels() {
    return prefix + "reward-models";
  }

  /** What happens to the rewards of the run; kept for ever. */
  public String rewardRegistry() {
    return prefix + "reward-registry";
  }

  /** Files of rewards in parts, by digest and index; compacted. */
  public String rewardArtifacts() {
    return prefix + "reward-artifacts";
  }

  /** What could not be used. */
  public String deadLetters() {
    return prefix + "dead-letters";
  }

  /** All of them, as they are to be made. */
  public List<Spec> all() {
    Map<String, String> groups =
        Map.of(
            "retention.ms", Long.toString(retention.toMillis()),
            "retention.bytes", Long.toString(retentionBytes),
            "segment.bytes", Long.toString(Math.max(1 << 20, retentionBytes / 4)));
    // The active segment is not compacted until it rolls, hence the short segments.
    Map<String, String> newest =
        Map.of(
            "cleanup.policy", "compact",
            "segment.ms", "60000",
            "max.compaction.lag.ms", "60000",
            "min.cleanable.dirty.ratio", "0.1");
    Map<String, String> forever = Map.of("retention.ms", "-1");
    Map<String, String> minutes = Map.of("retention.ms", "600000", "segment.ms", "300000");
    Map<String, String> days = Map.of("retention.ms", "604800000");
    Map<String, Map<String, String>> single = new LinkedHashMap<>();
    single.put(weights(), newest);
    single.put(credits(), newest);
    single.put(leases(), minutes);
    single.put(lineage(), forever);
    single.put(evaluations(), forever);
    single.put(deadLetters(), days);
    List<Spec> specs = new ArrayList<>();
    specs.add(spec(generations(), GROUP_PARTITIONS, groups));
    specs.add(spec(scores(), GROUP_PARTITIONS, groups));
    single.put(rewardModels(), newest);
    single.put(rewardRegistry(), forever);
    single.put(rewardArtifacts(), newest);
    specs.add(spec(contexts(), POLICY_PARTITIONS, minutes));
    specs.add(spec(transitions(), POLICY_PARTITIONS, forever));
    single.forEach((name, configs) -> specs.add(spec(name, 1, configs)));
    return List.copyOf(specs);
  }

  private static Spec spec(String name, int partitions, Map<String, String> configs) {
    Map<String, String> all = new LinkedHashMap<>(configs);
    all.put("max.message.bytes", Integer.toString(MAX_RECORD_BYTES));
    return new Spec(name, partitions, all);
  }
}
