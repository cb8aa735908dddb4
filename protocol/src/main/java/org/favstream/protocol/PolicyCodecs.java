// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.util.OptionalLong;
import org.favstream.protocol.wire.EndingProto;
import org.favstream.protocol.wire.StateBatchProto;
import org.favstream.protocol.wire.TransitionsProto;

/** The codecs of what a policy lives through and learns from. */
final class PolicyCodecs {
  static final Codec<StateBatch> STATES =
      new ProtoCodec<>(
          "state batch", PolicyCodecs::toWire, StateBatchProto.parser(), PolicyCodecs::fromWire);

  static final Codec<Transitions> TRANSITIONS =
      new ProtoCodec<>(
          "transitions", PolicyCodecs::toWire, TransitionsProto.parser(), PolicyCodecs::fromWire);

  private PolicyCodecs() {}

  private static StateBatchProto toWire(StateBatch batch) {
    return StateBatchProto.newBuilder()
        .setRun(batch.run())
        .setCounter(batch.counter())
        .setObservations(GroupCodecs.toWire(batch.observations()))
        .setReferences(GroupCodecs.toWire(batch.references()))
        .build();
  }

  private static StateBatch fromWire(StateBatchProto wire) {
    return new StateBatch(
        wire.getRun(),
        wire.getCounter(),
        GroupCodecs.fromWire(wire.getObservations()),
        GroupCodecs.fromWire(wire.getReferences()));
  }

  private static TransitionsProto toWire(Transitions transitions) {
    TransitionsProto.Builder wire =
        TransitionsProto.newBuilder()
            .setRun(transitions.run())
            .setEnvironment(transitions.environment())
            .setSource(transitions.source())
            .setEpisode(transitions.episode())
            .setFirstStep(transitions.firstStep())
            .setObservations(GroupCodecs.toWire(transitions.observations()))
            .setActions(GroupCodecs.toWire(transitions.actions()))
            .setRewards(GroupCodecs.toWire(transitions.rewards()))
            .setEnding(toWire(transitions.ending()))
            .setReason(transitions.reason());
    transitions.weightsVersion().ifPresent(wire::setWeightsVersion);
    return wire.build();
  }

  private static Transitions fromWire(TransitionsProto wire) {
    return new Transitions(
        wire.getRun(),
        wire.getEnvironment(),
        wire.getSource(),
        wire.getEpisode(),
        wire.getFirstStep(),
        wire.hasWeightsVersion() ? OptionalLong.of(wire.getWeightsVersion()) : OptionalLong.empty(),
        GroupCodecs.fromWire(wire.getObservations()),
        GroupCodecs.fromWire(wire.getActions()),
        GroupCodecs.fromWire(wire.getRewards()),
        ending(wire),
        wire.getReason());
  }

  private static EndingProto toWire(Transitions.Ending ending) {
    return switch (ending) {
      case NONE -> EndingProto.ENDING_PROTO_NONE;
      case TERMINATED -> EndingProto.ENDING_PROTO_TERMINATED;
      case TRUNCATED -> EndingProto.ENDING_PROTO_TRUNCATED;
      case LOST -> EndingProto.ENDING_PROTO_LOST;
    };
  }

  private static Transitions.Ending ending(TransitionsProto wire) {
    return switch (wire.getEnding()) {
      case ENDING_PROTO_NONE -> Transitions.Ending.NONE;
      case ENDING_PROTO_TERMINATED -> Transitions.Ending.TERMINATED;
      case ENDING_PROTO_TRUNCATED -> Transitions.Ending.TRUNCATED;
      case ENDING_PROTO_LOST -> Transitions.Ending.LOST;
      case UNRECOGNIZED ->
          throw new IllegalArgumentException("an unknown ending, " + wire.getEndingValue());
    };
  }
}
