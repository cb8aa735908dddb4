// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.favstream.protocol.LineageStep.GroupPosition;
import org.favstream.protocol.Transitions.Ending;

/** One sound record of each kind, by the name of its golden bytes. */
final class Records {
  static final Generation UNCONDITIONAL =
      new Generation(
          "run-1",
          new GroupId("sampler-0", 3, 41),
          7,
          new Noise(0x8000_0000_0000_0001L, 41),
          Optional.empty(),
          Tensor.of(new int[] {1, 2, 2}, new float[] {1, -2.5f, 0, 3e-8f}),
          Optional.empty(),
          1_790_000_000_000L);

  static final Generation CONDITIONAL =
      new Generation(
          "run-1",
          new GroupId("sampler-0", 0, 0),
          0,
          new Noise(5, 0),
          Optional.of(Tensor.of(new int[] {2, 3}, new float[] {1, 2, 3, 4, 5, 6})),
          Tensor.of(new int[] {2, 1, 2}, new float[] {1, 2, 3, 4}),
          Optional.of(Tensor.of(new int[] {2, 2, 2}, new float[] {1, 2, 3, 4, 5, 6, 7, 8})),
          1);

  static final Generation QUASI_RANDOM =
      new Generation(
          "run-1",
          new GroupId("sampler-0", 0, 2),
          3,
          new Noise(6, 2, Noise.Kind.QUASI_RANDOM),
          Optional.empty(),
          Tensor.of(new int[] {1, 1, 2}, new float[] {1, 2}),
          Optional.empty(),
          4);

  static final ScoredGeneration SCORED =
      new ScoredGeneration.Scored(
          UNCONDITIONAL,
          Scoring.by(new RewardVersion("eight-gaussians", 1)),
          Tensor.of(new int[] {1, 2}, new float[] {0.5f, 0.25f}),
          Tensor.of(new int[] {1, 2, 2}, new float[] {1, 2, 3, 4}));

  static final ScoredGeneration REFUSED =
      new ScoredGeneration.Refused(
          "run-1",
          new GroupId("sampler-0", 3, 42),
          7,
          Scoring.by(new RewardVersion("r", 2)),
          "NaN reward");

  static final ScoredGeneration BLENDED =
      new ScoredGeneration.Scored(
          UNCONDITIONAL,
          new Scoring(
              new RewardVersion("reverse", 1),
              3,
              1234,
              Optional.of(new Scoring.Blend(new RewardVersion("eight-gaussians", 1), 0.25)),
              Optional.empty()),
          Tensor.of(new int[] {1, 2}, new float[] {0.5f, 0.25f}),
          Tensor.of(new int[] {1, 2, 2}, new float[] {1, 2, 3, 4}));

  static final ScoredGeneration OF_A_CRITIC =
      new ScoredGeneration.Scored(
          UNCONDITIONAL,
          new Scoring(
              new RewardVersion("careful", 1),
              2,
              77,
              Optional.empty(),
              Optional.of(new RewardVersion("critic", 57))),
          Tensor.of(new int[] {1, 2}, new float[] {0.5f, 0.25f}),
          Tensor.of(new int[] {1, 2, 2}, new float[] {1, 2, 3, 4}));

  private static final RegistryEvent.Origin ORIGIN =
      new RegistryEvent.Origin("run-1", 1_790_000_000_000L, "alice");
  private static final RewardVersion REVERSE = new RewardVersion("reverse", 1);

  static final WeightsRecord CHUNK =
      new WeightsRecord.Chunk(9, 1, ByteBuffer.wrap(new byte[] {1, 2, 3}));

  static final WeightsRecord MANIFEST =
      new WeightsRecord.Manifest(
          "run-1",
          9,
          2,
          36,
          "ab".repeat(32),
          1_048_576,
          2,
          List.of(TensorSpec.of("layer0.weight", 2, 256), TensorSpec.of("layer0.bias", 256)),
          17);

  static final LineageStep LINEAGE =
      new LineageStep(
          "run-1",
          2,
          36,
          9,
          List.of(new GroupPosition(15, 1234, 7), new GroupPosition(0, 1, 8)),
          new RewardVersion("eight-gaussians", 1),
          36,
          "cd".repeat(32),
          "",
          "",
          "");

  static final LineageStep LINEAGE_WITH_DIGESTS =
      new LineageStep(
          "run-1",
          2,
          36,
          9,
          List.of(new GroupPosition(15, 1234, 7)),
          new RewardVersion("eight-gaussians", 1),
          35,
          "cd".repeat(32),
          "ef".repeat(32),
          "01".repeat(32),
          "0.1.0+1a2b3c4d5e6f-dirty");

  static final Evaluation EVALUATION = new Evaluation("run-1", 9, 36, metrics());

  static final DeadLetter DEAD_LETTER =
      new DeadLetter(
          "run-1",
          "run-1.generations",
          3,
          99,
          "8 bytes that are no generation",
          "reward-0",
          ByteBuffer.wrap("garbage!".getBytes(StandardCharsets.UTF_8)),
          5);

  static final Lease LEASE = new Lease("run-1", "sampler-0", 3, 9, 42);

  static final Credits CREDITS =
      new Credits("run-1", 2, 9, Map.of("sampler-0#3", 60L, "sampler-1#0", 12L));

  private Records() {}

  static Map<String, Encoded<?>> all() {
    Map<String, Encoded<?>> all = new LinkedHashMap<>();
    all.put("generation.unconditional", new Encoded<>(Codec.GENERATION, UNCONDITIONAL));
    all.put("generation.quasi-random", new Encoded<>(Codec.GENERATION, QUASI_RANDOM));
    all.put("generation.conditional", new Encoded<>(Codec.GENERATION, CONDITIONAL));
    all.put("scored", new Encoded<>(Codec.SCORED_GENERATION, SCORED));
    all.put("refused", new Encoded<>(Codec.SCORED_GENERATION, REFUSED));
    all.put("scored.blended", new Encoded<>(Codec.SCORED_GENERATION, BLENDED));
    all.put("scored.critic", new Encoded<>(Codec.SCORED_GENERATION, OF_A_CRITIC));
    all.put("weights.chunk", new Encoded<>(Codec.WEIGHTS, CHUNK));
    all.put("weights.manifest", new Encoded<>(Codec.WEIGHTS, MANIFEST));
    all.put("lineage", new Encoded<>(Codec.LINEAGE, LINEAGE));
    all.put("lineage.digests", new Encoded<>(Codec.LINEAGE, LINEAGE_WITH_DIGESTS));
    all.put("evaluation", new Encoded<>(Codec.EVALUATION, EVALUATION));
    all.put("dead-letter", new Encoded<>(Codec.DEAD_LETTER, DEAD_LETTER));
    all.put("lease", new Encoded<>(Codec.LEASE, LEASE));
    all.put("credits", new Encoded<>(Codec.CREDITS, CREDITS));
    all.put(
        "states",
        new Encoded<>(
            Codec.STATES,
            new StateBatch(
                "run-1",
                7,
                Tensor.of(new int[] {1, 2}, new float[] {0.5f, -2}),
                Tensor.of(new int[] {1, 1, 1}, new float[] {0.25f}))));
    all.put("transitions.fleet", transitions("fleet", OptionalLong.of(3), Ending.TRUNCATED));
    all.put("transitions.human", transitions("human:alice", OptionalLong.empty(), Ending.LOST));
    all.put("environment.hello", request(new EnvironmentRequest.Hello(1)));
    all.put("environment.reset", request(new EnvironmentRequest.Reset(1, -42)));
    all.put("environment.step", request(new EnvironmentRequest.Step(numbers(0.5f, -1))));
    all.put("environment.close", request(new EnvironmentRequest.Close()));
    all.put("environment.welcome", reply(new EnvironmentReply.Welcome(1, "point-mass", 2, 1, 2)));
    all.put("environment.begun", reply(new EnvironmentReply.Begun(numbers(0.25f, 0))));
    all.put(
        "environment.stepped",
        reply(
            new EnvironmentReply.Stepped(
                numbers(1, 2, 3, 4),
                numbers(-0.5f, 0),
                List.of(false, true),
                List.of(true, false))));
    all.put("environment.refused", reply(new EnvironmentReply.Refused("no copy 9")));
    all.put(
        "registry.added.file",
        event(
            new RegistryEvent.Added(
                ORIGIN,
                new RewardDefinition(
                    REVERSE,
                    "torchscript",
                    Map.of("device", "cpu", "gradient", "exact"),
                    List.of(),
                    Optional.of(new RewardDefinition.Artifact("ef".repeat(32), 4096)),
                    2,
                    0))));
    all.put(
        "registry.added.ensemble",
        event(
            new RegistryEvent.Added(
                ORIGIN,
                new RewardDefinition(
                    new RewardVersion("both", 2),
                    "ensemble",
                    Map.of("aggregate", "lcb:1"),
                    List.of(
                        new RewardDefinition.Term(REVERSE, 0.5),
                        new RewardDefinition.Term(new RewardVersion("eight-gaussians", 1), 0.5)),
                    Optional.empty(),
                    2,
                    3))));
    all.put(
        "registry.backtested",
        event(
            new RegistryEvent.Backtested(
                ORIGIN,
                REVERSE,
                new RewardVersion("eight-gaussians", 1),
                "{\"rank\":-1.0}",
                "rank>=0.5",
                List.of("rank is -1.0, expected >= 0.5"))));
    all.put("registry.shadowed", event(new RegistryEvent.Shadowed(ORIGIN, REVERSE, 0.1, "{}")));
    all.put(
        "registry.shadowed-by-control",
        event(new RegistryEvent.Shadowed(ORIGIN, REVERSE, 0.1, "{}", "ops")));
    all.put(
        "registry.activated",
        event(
            new RegistryEvent.Activated(
                ORIGIN, REVERSE, 3, Map.of(0, 17L, 15, 4L), 30_000, true, "gold fell")));
    all.put(
        "registry.alarmed",
        event(new RegistryEvent.Alarmed(ORIGIN, "over-optimisation", 40, "gold fell")));
    all.put(
        "artifact",
        new Encoded<>(
            Codec.ARTIFACT,
            new ArtifactChunk("ef".repeat(32), 1, 2, ByteBuffer.wrap(new byte[] {1, 2, 3}))));
    return all;
  }

  private static Encoded<RegistryEvent> event(RegistryEvent event) {
    return new Encoded<>(Codec.REGISTRY, event);
  }

  private static Encoded<Transitions> transitions(
      String source, OptionalLong weightsVersion, Ending ending) {
    return new Encoded<>(
        Codec.TRANSITIONS,
        new Transitions(
            "run-1",
            "point-mass",
            source,
            "w-0#1/5",
            199,
            weightsVersion,
            Tensor.of(new int[] {2, 2}, new float[] {1, 2, 3, 4}),
            Tensor.of(new int[] {1, 1}, new float[] {-1}),
            Tensor.of(new int[] {1}, new float[] {-0.5f}),
            ending,
            ending == Ending.LOST ? "it crashed" : ""));
  }

  private static Encoded<EnvironmentRequest> request(EnvironmentRequest request) {
    return new Encoded<>(Codec.ENVIRONMENT_REQUEST, request);
  }

  private static Encoded<EnvironmentReply> reply(EnvironmentReply reply) {
    return new Encoded<>(Codec.ENVIRONMENT_REPLY, reply);
  }

  private static Tensor numbers(float... numbers) {
    return Tensor.of(new int[] {numbers.length}, numbers);
  }

  private static Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("kl", 0.04);
    metrics.put("a", 1.0);
    return metrics;
  }

  record Encoded<T>(Codec<T> codec, T value) {
    byte[] bytes() {
      return codec.encode(value);
    }

    T decode(byte[] bytes) throws MalformedRecordException {
      return codec.decode(bytes);
    }
  }
}
