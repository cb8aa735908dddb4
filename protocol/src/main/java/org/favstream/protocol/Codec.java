// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

/**
 * Between a record and its bytes. Decoding checks whatever the record's constructor demands, so a
 * decoded record is a sound one.
 *
 * @param <T> the record
 */
public interface Codec<T> {

  Codec<Generation> GENERATION = GroupCodecs.GENERATION;
  Codec<ScoredGeneration> SCORED_GENERATION = GroupCodecs.SCORED;
  Codec<WeightsRecord> WEIGHTS = WeightsCodecs.WEIGHTS;
  Codec<LineageStep> LINEAGE = WeightsCodecs.LINEAGE;
  Codec<Evaluation> EVALUATION = WeightsCodecs.EVALUATION;
  Codec<DeadLetter> DEAD_LETTER = ControlCodecs.DEAD_LETTER;
  Codec<Lease> LEASE = ControlCodecs.LEASE;
  Codec<Credits> CREDITS = ControlCodecs.CREDITS;
  Codec<RegistryEvent> REGISTRY = RegistryCodecs.EVENT;
  Codec<ArtifactChunk> ARTIFACT = RegistryCodecs.ARTIFACT;
  Codec<StateBatch> STATES = PolicyCodecs.STATES;
  Codec<Transitions> TRANSITIONS = PolicyCodecs.TRANSITIONS;
  Codec<EnvironmentRequest> ENVIRONMENT_REQUEST = EnvironmentCodecs.REQUEST;
  Codec<EnvironmentReply> ENVIRONMENT_REPLY = EnvironmentCodecs.REPLY;

  /** The record's bytes; the same record gives the same bytes. */
  byte[] encode(T value);

  /**
   * The record behind the bytes.
   *
   * @throws MalformedRecordException where the bytes are not such a record, or an unsound one
   */
  T decode(byte[] bytes) throws MalformedRecordException;
}
