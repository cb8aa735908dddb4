// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.favstream.protocol.wire.EvaluationProto;
import org.favstream.protocol.wire.GroupPositionProto;
import org.favstream.protocol.wire.LineageStepProto;
import org.favstream.protocol.wire.MetricProto;
import org.favstream.protocol.wire.TensorSpecProto;
import org.favstream.protocol.wire.WeightsChunkProto;
import org.favstream.protocol.wire.WeightsManifestProto;
import org.favstream.protocol.wire.WeightsRecordProto;

/** The codecs of weights, and of what is known about a weights version. */
final class WeightsCodecs {
  static final Codec<WeightsRecord> WEIGHTS =
      new ProtoCodec<>(
          "weights record",
          WeightsCodecs::toWire,
          WeightsRecordProto.parser(),
          WeightsCodecs::fromWire);

  static final Codec<LineageStep> LINEAGE =
      new ProtoCodec<>(
          "lineage step",
          WeightsCodecs::toWire,
          LineageStepProto.parser(),
          WeightsCodecs::fromWire);

  static final Codec<Evaluation> EVALUATION =
      new ProtoCodec<>(
          "evaluation", WeightsCodecs::toWire, EvaluationProto.parser(), WeightsCodecs::fromWire);

  private WeightsCodecs() {}

  private static WeightsRecordProto toWire(WeightsRecord record) {
    if (record instanceof WeightsRecord.Chunk chunk) {
      return WeightsRecordProto.newBuilder()
          .setChunk(
              WeightsChunkProto.newBuilder()
                  .setVersion(chunk.version())
                  .setIndex(chunk.index())
                  .setData(UnsafeByteOperations.unsafeWrap(chunk.data())))
          .build();
    }
    WeightsRecord.Manifest manifest = (WeightsRecord.Manifest) record;
    WeightsManifestProto.Builder wire =
        WeightsManifestProto.newBuilder()
            .setRun(manifest.run())
            .setVersion(manifest.version())
            .setEpoch(manifest.epoch())
            .setStep(manifest.step())
            .setSha256(digest(manifest.sha256()))
            .setSize(manifest.size())
            .setChunks(manifest.chunks())
            .setCreatedAtMs(manifest.createdAtMillis());
    for (TensorSpec tensor : manifest.tensors()) {
      wire.addTensors(
          TensorSpecProto.newBuilder().setName(tensor.name()).addAllShape(tensor.shape()));
    }
    return WeightsRecordProto.newBuilder().setManifest(wire).build();
  }

  private static WeightsRecord fromWire(WeightsRecordProto wire) {
    switch (wire.getRecordCase()) {
      case CHUNK -> {
        WeightsChunkProto chunk = wire.getChunk();
        return new WeightsRecord.Chunk(
            chunk.getVersion(), chunk.getIndex(), chunk.getData().asReadOnlyByteBuffer());
      }
      case MANIFEST -> {
        WeightsManifestProto manifest = wire.getManifest();
        return new WeightsRecord.Manifest(
            manifest.getRun(),
            manifest.getVersion(),
            manifest.getEpoch(),
            manifest.getStep(),
            digest(manifest.getSha256()),
            manifest.getSize(),
            manifest.getChunks(),
            manifest.getTensorsList().stream()
                .map(tensor -> new TensorSpec(tensor.getName(), tensor.getShapeList()))
                .toList(),
            manifest.getCreatedAtMs());
      }
      default -> throw new IllegalArgumentException("neither a chunk nor a manifest");
    }
  }

  private static LineageStepProto toWire(LineageStep step) {
    LineageStepProto.Builder wire =
        LineageStepProto.newBuilder()
            .setRun(step.run())
            .setEpoch(step.epoch())
            .setStep(step.step())
            .setVersion(step.version())
            .setReward(GroupCodecs.toWire(step.reward()))
            .setReferenceDraw(step.referenceDraw())
            .setConfigSha256(step.configSha256())
            .setWeightsSha256(digest(step.weightsSha256()))
            .setParentSha256(digest(step.parentSha256()))
            .setCodeVersion(step.codeVersion());
    for (LineageStep.GroupPosition group : step.groups()) {
      wire.addGroups(
          GroupPositionProto.newBuilder()
              .setPartition(group.partition())
              .setOffset(group.offset())
              .setWeightsVersion(group.weightsVersion()));
    }
    return wire.build();
  }

  private static LineageStep fromWire(LineageStepProto wire) {
    return new LineageStep(
        wire.getRun(),
        wire.getEpoch(),
        wire.getStep(),
        wire.getVersion(),
        wire.getGroupsList().stream()
            .map(
                group ->
                    new LineageStep.GroupPosition(
                        group.getPartition(), group.getOffset(), group.getWeightsVersion()))
            .toList(),
        GroupCodecs.fromWire(wire.getReward()),
        wire.getReferenceDraw(),
        wire.getConfigSha256(),
        digest(wire.getWeightsSha256()),
        digest(wire.getParentSha256()),
        wire.getCodeVersion());
  }

  private static ByteString digest(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private static String digest(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  private static EvaluationProto toWire(Evaluation evaluation) {
    EvaluationProto.Builder wire =
        EvaluationProto.newBuilder()
            .setRun(evaluation.run())
            .setVersion(evaluation.version())
            .setStep(evaluation.step());
    evaluation
        .metrics()
        .forEach(
            (name, value) ->
                wire.addMetrics(MetricProto.newBuilder().setName(name).setValue(value)));
    return wire.build();
  }

  private static Evaluation fromWire(EvaluationProto wire) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    wire.getMetricsList().forEach(metric -> metrics.put(metric.getName(), metric.getValue()));
    return new Evaluation(wire.getRun(), wire.getVersion(), wire.getStep(), metrics);
  }
}
