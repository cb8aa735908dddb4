// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.HexFormat;
import java.util.Optional;
import org.favstream.protocol.wire.ArtifactChunkProto;
import org.favstream.protocol.wire.ArtifactProto;
import org.favstream.protocol.wire.RegistryEventProto;
import org.favstream.protocol.wire.RewardActivatedProto;
import org.favstream.protocol.wire.RewardAddedProto;
import org.favstream.protocol.wire.RewardAlarmedProto;
import org.favstream.protocol.wire.RewardBacktestedProto;
import org.favstream.protocol.wire.RewardShadowedProto;
import org.favstream.protocol.wire.RewardTermProto;

/** The codecs of the registry of rewards. */
final class RegistryCodecs {
  static final Codec<RegistryEvent> EVENT =
      new ProtoCodec<>(
          "registry event",
          RegistryCodecs::toWire,
          RegistryEventProto.parser(),
          RegistryCodecs::fromWire);

  static final Codec<ArtifactChunk> ARTIFACT =
      new ProtoCodec<>(
          "artifact chunk",
          RegistryCodecs::toWire,
          ArtifactChunkProto.parser(),
          RegistryCodecs::fromWire);

  private RegistryCodecs() {}

  private static RegistryEventProto toWire(RegistryEvent event) {
    RegistryEventProto.Builder wire =
        RegistryEventProto.newBuilder()
            .setRun(event.origin().run())
            .setAtMs(event.origin().atMillis())
            .setBy(event.origin().by());
    if (event instanceof RegistryEvent.Added added) {
      wire.setAdded(toWire(added.definition()));
    } else if (event instanceof RegistryEvent.Backtested backtested) {
      wire.setBacktested(
          RewardBacktestedProto.newBuilder()
              .setReward(GroupCodecs.toWire(backtested.reward()))
              .setAgainst(GroupCodecs.toWire(backtested.against()))
              .setResult(backtested.result())
              .setGate(backtested.gate())
              .addAllFailed(backtested.failed()));
    } else if (event instanceof RegistryEvent.Shadowed shadowed) {
      wire.setShadowed(
          RewardShadowedProto.newBuilder()
              .setReward(GroupCodecs.toWire(shadowed.reward()))
              .setShare(shadowed.share())
              .setResult(shadowed.result())
              .setControl(shadowed.control()));
    } else if (event instanceof RegistryEvent.Activated activated) {
      wire.setActivated(
          RewardActivatedProto.newBuilder()
              .setReward(GroupCodecs.toWire(activated.reward()))
              .setNumber(activated.number())
              .putAllFence(activated.fence())
              .setBlendMs(activated.blendMillis())
              .setRollback(activated.rollback())
              .setReason(activated.reason()));
    } else if (event instanceof RegistryEvent.Alarmed alarmed) {
      wire.setAlarmed(
          RewardAlarmedProto.newBuilder()
              .setAlarm(alarmed.alarm())
              .setWeightsVersion(alarmed.weightsVersion())
              .setDetail(alarmed.detail()));
    }
    return wire.build();
  }

  private static RegistryEvent fromWire(RegistryEventProto wire) {
    RegistryEvent.Origin origin =
        new RegistryEvent.Origin(wire.getRun(), wire.getAtMs(), wire.getBy());
    return switch (wire.getEventCase()) {
      case ADDED -> new RegistryEvent.Added(origin, fromWire(wire.getAdded()));
      case BACKTESTED -> {
        RewardBacktestedProto backtested = wire.getBacktested();
        yield new RegistryEvent.Backtested(
            origin,
            GroupCodecs.fromWire(backtested.getReward()),
            GroupCodecs.fromWire(backtested.getAgainst()),
            backtested.getResult(),
            backtested.getGate(),
            backtested.getFailedList());
      }
      case SHADOWED -> {
        RewardShadowedProto shadowed = wire.getShadowed();
        yield new RegistryEvent.Shadowed(
            origin,
            GroupCodecs.fromWire(shadowed.getReward()),
            shadowed.getShare(),
            shadowed.getResult(),
            shadowed.getControl());
      }
      case ACTIVATED -> {
        RewardActivatedProto activated = wire.getActivated();
        yield new RegistryEvent.Activated(
            origin,
            GroupCodecs.fromWire(activated.getReward()),
            activated.getNumber(),
            activated.getFenceMap(),
            activated.getBlendMs(),
            activated.getRollback(),
            activated.getReason());
      }
      case ALARMED -> {
        RewardAlarmedProto alarmed = wire.getAlarmed();
        yield new RegistryEvent.Alarmed(
            origin, alarmed.getAlarm(), alarmed.getWeightsVersion(), alarmed.getDetail());
      }
      default -> throw new IllegalArgumentException("an event of no known kind");
    };
  }

  private static RewardAddedProto toWire(RewardDefinition definition) {
    RewardAddedProto.Builder wire =
        RewardAddedProto.newBuilder()
            .setReward(GroupCodecs.toWire(definition.reward()))
            .setKind(definition.kind())
            .putAllSettings(definition.settings())
            .setParticleSize(definition.particleSize())
            .setContextSize(definition.contextSize());
    for (RewardDefinition.Term term : definition.terms()) {
      wire.addTerms(
          RewardTermProto.newBuilder()
              .setReward(GroupCodecs.toWire(term.reward()))
              .setWeight(term.weight()));
    }
    definition
        .artifact()
        .ifPresent(
            artifact ->
                wire.setArtifact(
                    ArtifactProto.newBuilder()
                        .setSha256(digest(artifact.sha256()))
                        .setSize(artifact.size())));
    return wire.build();
  }

  private static RewardDefinition fromWire(RewardAddedProto wire) {
    return new RewardDefinition(
        GroupCodecs.fromWire(wire.getReward()),
        wire.getKind(),
        wire.getSettingsMap(),
        wire.getTermsList().stream()
            .map(
                term ->
                    new RewardDefinition.Term(
                        GroupCodecs.fromWire(term.getReward()), term.getWeight()))
            .toList(),
        wire.hasArtifact()
            ? Optional.of(
                new RewardDefinition.Artifact(
                    digest(wire.getArtifact().getSha256()), wire.getArtifact().getSize()))
            : Optional.empty(),
        wire.getParticleSize(),
        wire.getContextSize());
  }

  private static ArtifactChunkProto toWire(ArtifactChunk chunk) {
    return ArtifactChunkProto.newBuilder()
        .setSha256(digest(chunk.sha256()))
        .setIndex(chunk.index())
        .setChunks(chunk.chunks())
        .setData(UnsafeByteOperations.unsafeWrap(chunk.data()))
        .build();
  }

  private static ArtifactChunk fromWire(ArtifactChunkProto wire) {
    return new ArtifactChunk(
        digest(wire.getSha256()),
        wire.getIndex(),
        wire.getChunks(),
        wire.getData().asReadOnlyByteBuffer());
  }

  private static ByteString digest(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private static String digest(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
