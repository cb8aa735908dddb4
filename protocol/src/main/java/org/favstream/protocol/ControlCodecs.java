// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import com.google.protobuf.UnsafeByteOperations;
import org.favstream.protocol.wire.CreditsProto;
import org.favstream.protocol.wire.DeadLetterProto;
import org.favstream.protocol.wire.LeaseProto;

/** The codecs of what nodes tell each other about the flow. */
final class ControlCodecs {
  static final Codec<DeadLetter> DEAD_LETTER =
      new ProtoCodec<>(
          "dead letter", ControlCodecs::toWire, DeadLetterProto.parser(), ControlCodecs::fromWire);

  static final Codec<Lease> LEASE =
      new ProtoCodec<>(
          "lease", ControlCodecs::toWire, LeaseProto.parser(), ControlCodecs::fromWire);

  static final Codec<Credits> CREDITS =
      new ProtoCodec<>(
          "credits", ControlCodecs::toWire, CreditsProto.parser(), ControlCodecs::fromWire);

  private ControlCodecs() {}

  private static DeadLetterProto toWire(DeadLetter letter) {
    return DeadLetterProto.newBuilder()
        .setRun(letter.run())
        .setTopic(letter.topic())
        .setPartition(letter.partition())
        .setOffset(letter.offset())
        .setReason(letter.reason())
        .setNode(letter.node())
        .setPayload(UnsafeByteOperations.unsafeWrap(letter.payload()))
        .setAtMs(letter.atMillis())
        .build();
  }

  private static DeadLetter fromWire(DeadLetterProto wire) {
    return new DeadLetter(
        wire.getRun(),
        wire.getTopic(),
        wire.getPartition(),
        wire.getOffset(),
        wire.getReason(),
        wire.getNode(),
        wire.getPayload().asReadOnlyByteBuffer(),
        wire.getAtMs());
  }

  private static LeaseProto toWire(Lease lease) {
    return LeaseProto.newBuilder()
        .setRun(lease.run())
        .setSampler(lease.sampler())
        .setIncarnation(lease.incarnation())
        .setAppliedVersion(lease.appliedVersion())
        .setEmitted(lease.emitted())
        .build();
  }

  private static Lease fromWire(LeaseProto wire) {
    return new Lease(
        wire.getRun(),
        wire.getSampler(),
        wire.getIncarnation(),
        wire.getAppliedVersion(),
        wire.getEmitted());
  }

  private static CreditsProto toWire(Credits credits) {
    return CreditsProto.newBuilder()
        .setRun(credits.run())
        .setEpoch(credits.epoch())
        .setVersion(credits.version())
        .putAllGranted(credits.granted())
        .build();
  }

  private static Credits fromWire(CreditsProto wire) {
    return new Credits(wire.getRun(), wire.getEpoch(), wire.getVersion(), wire.getGrantedMap());
  }
}
