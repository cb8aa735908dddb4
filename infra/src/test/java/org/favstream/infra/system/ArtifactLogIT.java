// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.favstream.actors.kafka.TopicSetup;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.ArtifactChunk;
import org.favstream.protocol.Codec;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.Topics;
import org.favstream.reward.node.ArtifactException;
import org.favstream.reward.node.ArtifactLog;
import org.favstream.reward.registry.RefusedException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files of rewards through the log: the very bytes, or none. */
@ExtendWith(RealBroker.class)
class ArtifactLogIT {
  private static final long MAX_BYTES = 3L * Topics.CHUNK_BYTES;

  private final TestLog log;
  private final String run = "artifacts-" + UUID.randomUUID();
  private final Topics topics = new Topics(run + ".", Duration.ofHours(1), 1L << 27);

  @TempDir private Path folder;

  ArtifactLogIT(TestLog log) {
    this.log = log;
  }

  @BeforeEach
  void begin() {
    TopicSetup.ensure(log.connection(), topics, Duration.ofSeconds(30));
  }

  private ArtifactLog artifacts(String cache) {
    return new ArtifactLog(
        new NodeContext(run, log.connection(), topics, Clock.systemUTC()),
        new ArtifactLog.Settings(folder.resolve(cache), MAX_BYTES));
  }

  private static byte[] bytes(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static RewardDefinition.Artifact put(ArtifactLog artifacts, byte[] content)
      throws RefusedException, IOException {
    return artifacts.put(new ByteArrayInputStream(content), sha256(content));
  }

  private void assertNothingHalfDone(String cache, int files) throws IOException {
    try (Stream<Path> all = Files.list(folder.resolve(cache))) {
      assertThat(all).hasSize(files).noneMatch(file -> file.toString().endsWith(".part"));
    }
  }

  @Test
  void shouldFetchElsewhereTheVeryBytesThatWerePut() throws RefusedException, IOException {
    byte[] small = bytes(17, 1);
    byte[] large = bytes(2 * Topics.CHUNK_BYTES + 5, 2);
    byte[] even = bytes(2 * Topics.CHUNK_BYTES, 3);
    for (byte[] content : new byte[][] {small, large, even, large}) {
      RewardDefinition.Artifact artifact = put(artifacts("here"), content);
      assertThat(artifact)
          .isEqualTo(new RewardDefinition.Artifact(sha256(content), content.length));
      assertThat(artifacts("here").fetch(artifact)).hasBinaryContent(content);
      assertThat(artifacts("there").fetch(artifact)).hasBinaryContent(content);
    }
    assertNothingHalfDone("here", 3);
    assertNothingHalfDone("there", 3);
  }

  @Test
  void shouldFetchAgainWhatIsBrokenInItsFolder() throws RefusedException, IOException {
    byte[] content = bytes(100, 4);
    RewardDefinition.Artifact artifact = put(artifacts("here"), content);
    Path file = artifacts("there").fetch(artifact);
    Files.write(file, bytes(100, 5));
    assertThat(artifacts("there").fetch(artifact)).hasBinaryContent(content);
  }

  @Test
  void shouldRefuseAFileThatIsNotWhatItSaysOrTooLarge() throws IOException {
    ArtifactLog artifacts = artifacts("here");
    String other = sha256(bytes(3, 6));
    assertThatThrownBy(() -> artifacts.put(new ByteArrayInputStream(bytes(3, 7)), other))
        .isInstanceOf(RefusedException.class)
        .hasMessageContainingAll(sha256(bytes(3, 7)), "expected " + other);
    assertThatThrownBy(() -> put(artifacts, bytes((int) MAX_BYTES + 1, 8)))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.kind()).isEqualTo(RefusedException.Kind.TOO_LARGE))
        .hasMessageContaining("reward.models.max-size");
    assertThatThrownBy(() -> put(artifacts, new byte[0])).hasMessageContaining("empty");
    assertThatThrownBy(() -> artifacts.put(new ByteArrayInputStream(bytes(3, 7)), "../../etc"))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.kind()).isEqualTo(RefusedException.Kind.BAD_REQUEST));
    assertNothingHalfDone("here", 0);
    assertThat(log.readAll(topics.rewardArtifacts())).isEmpty();
  }

  @Test
  void shouldNameAFileThatIsNotOnTheLogOrNotAllOfIt()
      throws InterruptedException, ExecutionException, TimeoutException {
    byte[] content = bytes(Topics.CHUNK_BYTES + 1, 9);
    RewardDefinition.Artifact artifact =
        new RewardDefinition.Artifact(sha256(content), content.length);
    assertThatThrownBy(() -> artifacts("there").fetch(artifact))
        .isInstanceOf(ArtifactException.class)
        .hasMessageContainingAll(artifact.sha256(), "2 of its 2 parts are not on the topic");
    ArtifactChunk last = new ArtifactChunk(artifact.sha256(), 1, 2, ByteBuffer.wrap(new byte[1]));
    try (Producer<String, byte[]> producer = log.producer(Map.of())) {
      RecordMetadata unused =
          producer
              .send(
                  new ProducerRecord<>(
                      topics.rewardArtifacts(), last.key(), Codec.ARTIFACT.encode(last)))
              .get();
    }
    assertThatThrownBy(() -> artifacts("there").fetch(artifact))
        .hasMessageContaining("1 of its 2 parts are not on the topic");
    assertThatThrownBy(
            () ->
                artifacts("there")
                    .fetch(new RewardDefinition.Artifact(artifact.sha256(), MAX_BYTES + 1)))
        .hasMessageContaining("reward.models.max-size");
  }
}
