// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.favstream.protocol.wire.BlendProto;
import org.favstream.protocol.wire.GenerationProto;
import org.favstream.protocol.wire.GroupIdProto;
import org.favstream.protocol.wire.NoiseKindProto;
import org.favstream.protocol.wire.NoiseProto;
import org.favstream.protocol.wire.RewardVersionProto;
import org.favstream.protocol.wire.ScoredGenerationProto;
import org.favstream.protocol.wire.TensorProto;

/** The codecs of groups, before and after scoring. */
final class GroupCodecs {
  static final Codec<Generation> GENERATION =
      new ProtoCodec<>(
          "generation", GroupCodecs::toWire, GenerationProto.parser(), GroupCodecs::fromWire);

  static final Codec<ScoredGeneration> SCORED =
      new ProtoCodec<>(
          "scored generation",
          GroupCodecs::toWire,
          ScoredGenerationProto.parser(),
          GroupCodecs::fromWire);

  private GroupCodecs() {}

  private static GenerationProto toWire(Generation group) {
    GenerationProto.Builder wire =
        header(group.run(), group.id(), group.weightsVersion())
            .setNoise(
                NoiseProto.newBuilder()
                    .setKey(group.noise().key())
                    .setCounter(group.noise().counter())
                    .setKind(toWire(group.noise().kind())))
            .setParticles(toWire(group.particles()))
            .setCreatedAtMs(group.createdAtMillis());
    group.contexts().ifPresent(tensor -> wire.setContexts(toWire(tensor)));
    group.references().ifPresent(tensor -> wire.setReferences(toWire(tensor)));
    return wire.build();
  }

  private static GenerationProto.Builder header(String run, GroupId id, long weightsVersion) {
    return GenerationProto.newBuilder()
        .setRun(run)
        .setId(
            GroupIdProto.newBuilder()
                .setSampler(id.sampler())
                .setIncarnation(id.incarnation())
                .setCounter(id.counter()))
        .setWeightsVersion(weightsVersion);
  }

  private static Generation fromWire(GenerationProto wire) {
    return new Generation(
        wire.getRun(),
        fromWire(wire.getId()),
        wire.getWeightsVersion(),
        fromWire(wire.getNoise()),
        wire.hasContexts() ? Optional.of(fromWire(wire.getContexts())) : Optional.empty(),
        fromWire(wire.getParticles()),
        wire.hasReferences() ? Optional.of(fromWire(wire.getReferences())) : Optional.empty(),
        wire.getCreatedAtMs());
  }

  private static Noise fromWire(NoiseProto wire) {
    Noise.Kind kind =
        switch (wire.getKind()) {
          case NOISE_KIND_INDEPENDENT -> Noise.Kind.INDEPENDENT;
          case NOISE_KIND_QUASI_RANDOM -> Noise.Kind.QUASI_RANDOM;
          case UNRECOGNIZED ->
              throw new IllegalArgumentException(
                  "noise.kind: got %d, expected 0 or 1: is it of a newer build?"
                      .formatted(wire.getKindValue()));
        };
    return new Noise(wire.getKey(), wire.getCounter(), kind);
  }

  private static NoiseKindProto toWire(Noise.Kind kind) {
    return switch (kind) {
      case INDEPENDENT -> NoiseKindProto.NOISE_KIND_INDEPENDENT;
      case QUASI_RANDOM -> NoiseKindProto.NOISE_KIND_QUASI_RANDOM;
    };
  }

  private static GroupId fromWire(GroupIdProto wire) {
    return new GroupId(wire.getSampler(), wire.getIncarnation(), wire.getCounter());
  }

  private static ScoredGenerationProto toWire(ScoredGeneration outcome) {
    ScoredGenerationProto.Builder wire =
        ScoredGenerationProto.newBuilder()
            .setReward(toWire(outcome.reward()))
            .setActivation(outcome.scoring().activation())
            .setOffset(outcome.scoring().offset());
    outcome
        .scoring()
        .blend()
        .ifPresent(
            blend ->
                wire.setBlend(
                    BlendProto.newBuilder()
                        .setFrom(toWire(blend.from()))
                        .setWeight(blend.weight())));
    outcome.scoring().critic().ifPresent(critic -> wire.setCritic(toWire(critic)));
    if (outcome instanceof ScoredGeneration.Scored scored) {
      return wire.setGeneration(toWire(scored.generation()))
          .setRewards(toWire(scored.rewards()))
          .setGradients(toWire(scored.gradients()))
          .build();
    }
    ScoredGeneration.Refused refused = (ScoredGeneration.Refused) outcome;
    return wire.setGeneration(header(refused.run(), refused.id(), refused.weightsVersion()))
        .setRefusal(refused.reason())
        .build();
  }

  private static ScoredGeneration fromWire(ScoredGenerationProto wire) {
    Scoring scoring =
        new Scoring(
            fromWire(wire.getReward()),
            wire.getActivation(),
            wire.getOffset(),
            wire.hasBlend()
                ? Optional.of(
                    new Scoring.Blend(
                        fromWire(wire.getBlend().getFrom()), wire.getBlend().getWeight()))
                : Optional.empty(),
            wire.hasCritic() ? Optional.of(fromWire(wire.getCritic())) : Optional.empty());
    GenerationProto group = wire.getGeneration();
    if (!wire.getRefusal().isEmpty()) {
      return new ScoredGeneration.Refused(
          group.getRun(),
          fromWire(group.getId()),
          group.getWeightsVersion(),
          scoring,
          wire.getRefusal());
    }
    return new ScoredGeneration.Scored(
        fromWire(group), scoring, fromWire(wire.getRewards()), fromWire(wire.getGradients()));
  }

  static RewardVersionProto toWire(RewardVersion reward) {
    return RewardVersionProto.newBuilder()
        .setName(reward.name())
        .setVersion(reward.version())
        .build();
  }

  static RewardVersion fromWire(RewardVersionProto wire) {
    return new RewardVersion(wire.getName(), wire.getVersion());
  }

  static TensorProto toWire(Tensor tensor) {
    byte[] bytes = new byte[Math.multiplyExact(tensor.length(), Float.BYTES)];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(tensor.asBuffer());
    TensorProto.Builder wire =
        TensorProto.newBuilder().setData(UnsafeByteOperations.unsafeWrap(bytes));
    for (int axis = 0; axis < tensor.rank(); axis++) {
      wire.addShape(tensor.size(axis));
    }
    return wire.build();
  }

  static Tensor fromWire(TensorProto wire) {
    int[] shape = new int[wire.getShapeCount()];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = wire.getShape(axis);
    }
    ByteString data = wire.getData();
    if (data.size() % Float.BYTES != 0) {
      throw new IllegalArgumentException(
          "a tensor's data is %d bytes long, no multiple of 4".formatted(data.size()));
    }
    float[] numbers = new float[data.size() / Float.BYTES];
    data.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(numbers);
    return Tensor.wrap(shape, numbers);
  }
}
