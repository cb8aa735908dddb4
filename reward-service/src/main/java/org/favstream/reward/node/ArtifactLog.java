// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.ArtifactChunk;
import org.favstream.protocol.Codec;
import org.favstream.protocol.MalformedRecordException;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.Topics;
import org.favstream.reward.registry.RefusedException;

/**
 * Files of rewards, by their digest: put on the topic reward-artifacts in parts, and fetched from
 * there into a folder. A file that is in the folder already is verified and not fetched again; what
 * is there half is not seen. Many threads and processes may use one folder.
 */
public final class ArtifactLog {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int BLOCK = 1 << 16;
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  /**
   * Where files are kept, and how large they may be.
   *
   * @param cache the folder; made where it is missing
   * @param maxBytes of one file
   */
  public record Settings(Path cache, long maxBytes) {
    public Settings {
      if (maxBytes < 1) {
        throw new IllegalArgumentException(
            "reward.models.max-size: got %d bytes, expected at least 1".formatted(maxBytes));
      }
    }

    /** Reads section {@code reward.models} of a job. */
    public static Settings of(Config job) {
      Config section = job.getConfig("reward.models");
      String cache = section.getString("cache");
      return new Settings(
          cache.isEmpty()
              ? Path.of(System.getProperty("user.home"), ".cache", "favstream", "rewards")
              : Path.of(cache),
          section.getMemorySize("max-size").toBytes());
    }
  }

  private final NodeContext node;
  private final Settings settings;

  /** The files of a run; nothing is read or written yet. */
  public ArtifactLog(NodeContext node, Settings settings) {
    this.node = node;
    this.settings = settings;
  }

  /**
   * Puts a file on the log, where it is when this returns, and into the folder; blocks.
   *
   * @param content the file; read to its end at most
   * @param sha256 which it must have, in lower-case hex
   * @throws RefusedException where it is empty, too large or another file, or the log does not take
   *     it
   * @throws IOException where the content cannot be read, or the folder not be written
   */
  public RewardDefinition.Artifact put(InputStream content, String sha256)
      throws RefusedException, IOException {
    if (!SHA256.matcher(sha256).matches()) {
      throw new RefusedException(
          RefusedException.Kind.BAD_REQUEST,
          "the SHA-256 of a file is 64 lower-case hex digits, got '%s'".formatted(sha256));
    }
    Path part = part(sha256);
    try {
      RewardDefinition.Artifact artifact = received(content, sha256, part);
      send(artifact, part);
      publish(part, sha256);
      return artifact;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private RewardDefinition.Artifact received(InputStream content, String sha256, Path part)
      throws RefusedException, IOException {
    MessageDigest digest = sha256();
    long size = 0;
    try (OutputStream out = Files.newOutputStream(part)) {
      byte[] block = new byte[BLOCK];
      for (int count = content.read(block); count >= 0; count = content.read(block)) {
        size += count;
        if (size > settings.maxBytes()) {
          throw new RefusedException(
              RefusedException.Kind.TOO_LARGE,
              "the file is larger than %d bytes, which reward.models.max-size allows"
                  .formatted(settings.maxBytes()));
        }
        digest.update(block, 0, count);
        out.write(block, 0, count);
      }
    }
    if (size == 0) {
      throw new RefusedException(RefusedException.Kind.UNUSABLE, "the file is empty");
    }
    String got = HexFormat.of().formatHex(digest.digest());
    if (!got.equals(sha256)) {
      throw new RefusedException(
          RefusedException.Kind.UNUSABLE,
          "the SHA-256 of what came is %s, expected %s: it is another file, or was cut short"
              .formatted(got, sha256));
    }
    return new RewardDefinition.Artifact(sha256, size);
  }

  private void send(RewardDefinition.Artifact artifact, Path file)
      throws RefusedException, IOException {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    int chunks = chunks(artifact);
    try (Producer<String, byte[]> producer =
            new KafkaProducer<>(node.connection().producerProperties());
        InputStream in = Files.newInputStream(file)) {
      for (int index = 0; index < chunks; index++) {
        byte[] data = in.readNBytes(Topics.CHUNK_BYTES);
        ArtifactChunk chunk =
            new ArtifactChunk(artifact.sha256(), index, chunks, ByteBuffer.wrap(data));
        sent.add(
            producer.send(
                new ProducerRecord<>(
                    node.topics().rewardArtifacts(), chunk.key(), Codec.ARTIFACT.encode(chunk))));
      }
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      for (Future<RecordMetadata> one : sent) {
        RecordMetadata unused = one.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw new RefusedException(
          RefusedException.Kind.UNAVAILABLE,
          "the log does not take the file: %s; put it again".formatted(Faults.describe(e)),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException(RefusedException.Kind.UNAVAILABLE, "interrupted", e);
    }
  }

  /**
   * Where a file is, once it is there and verified; blocks while it is fetched, a minute at most.
   *
   * @throws ArtifactException where it is too large, is not on the log, is another than its digest
   *     says, or cannot be written
   */
  public Path fetch(RewardDefinition.Artifact artifact) {
    if (artifact.size() > settings.maxBytes() || artifact.size() == 0) {
      throw new ArtifactException(
          "%s has %d bytes, expected 1 to %d (reward.models.max-size)"
              .formatted(name(artifact), artifact.size(), settings.maxBytes()));
    }
    Path file = file(artifact.sha256());
    try {
      if (Files.isRegularFile(file) && digest(file).equals(artifact.sha256())) {
        return file;
      }
      Path part = part(artifact.sha256());
      try {
        read(artifact, part);
        String got = digest(part);
        if (!got.equals(artifact.sha256())) {
          throw new ArtifactException(
              "%s: what stands on the log has SHA-256 %s".formatted(name(artifact), got));
        }
        return publish(part, artifact.sha256());
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new ArtifactException(
          "%s: the folder %s (reward.models.cache): %s"
              .formatted(name(artifact), settings.cache(), Faults.describe(e)),
          e);
    }
  }

  private void read(RewardDefinition.Artifact artifact, Path part) throws IOException {
    TopicPartition all = new TopicPartition(node.topics().rewardArtifacts(), 0);
    try (FileChannel out =
            FileChannel.open(part, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        KafkaConsumer<String, byte[]> consumer =
            new KafkaConsumer<>(
                node.connection().consumerProperties(),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
      boolean[] there = new boolean[chunks(artifact)];
      int missing = there.length;
      consumer.assign(List.of(all));
      consumer.seekToBeginning(List.of(all));
      long end = consumer.endOffsets(List.of(all), PATIENCE).getOrDefault(all, 0L);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (missing > 0 && consumer.position(all, PATIENCE) < end) {
        if (System.nanoTime() > deadline) {
          throw new ArtifactException(
              "%s could not be read within %d s".formatted(name(artifact), PATIENCE.toSeconds()));
        }
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          if (record.key() != null && record.key().startsWith(artifact.sha256())) {
            missing -= write(record, artifact, there, out);
          }
        }
      }
      if (missing > 0) {
        throw new ArtifactException(
            "%s: %d of its %d parts are not on the topic %s: put it there again"
                .formatted(name(artifact), missing, there.length, all.topic()));
      }
    } catch (KafkaException e) {
      throw new ArtifactException(
          "%s: the log does not answer: %s".formatted(name(artifact), Faults.describe(e)), e);
    }
  }

  /** How many parts this adds: 1, or 0 where it is there already or no part of this file. */
  private static int write(
      ConsumerRecord<String, byte[]> record,
      RewardDefinition.Artifact artifact,
      boolean[] there,
      FileChannel out)
      throws IOException {
    if (record.value() == null) {
      return 0;
    }
    ArtifactChunk chunk;
    try {
      chunk = Codec.ARTIFACT.decode(record.value());
    } catch (MalformedRecordException e) {
      throw new ArtifactException(
          "%s: offset %d of %s: %s"
              .formatted(name(artifact), record.offset(), record.topic(), e.reason()),
          e);
    }
    if (!chunk.sha256().equals(artifact.sha256())
        || chunk.chunks() != there.length
        || there[chunk.index()]) {
      return 0;
    }
    ByteBuffer data = chunk.data().duplicate();
    long at = (long) chunk.index() * Topics.CHUNK_BYTES;
    while (data.hasRemaining()) {
      at += out.write(data, at);
    }
    there[chunk.index()] = true;
    return 1;
  }

  private static int chunks(RewardDefinition.Artifact artifact) {
    return Math.toIntExact((artifact.size() + Topics.CHUNK_BYTES - 1) / Topics.CHUNK_BYTES);
  }

  private static String name(RewardDefinition.Artifact artifact) {
    return "the file " + artifact.sha256();
  }

  private Path file(String sha256) {
    return settings.cache().resolve(sha256);
  }

  /** An empty file of one's own beside where it goes; nobody else can read or write it. */
  private Path part(String sha256) throws IOException {
    Files.createDirectories(settings.cache());
    return Files.createTempFile(settings.cache(), sha256 + ".", ".part");
  }

  private Path publish(Path part, String sha256) throws IOException {
    return Files.move(
        part, file(sha256), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String digest(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] block = new byte[BLOCK];
      for (int count = in.read(block); count >= 0; count = in.read(block)) {
        digest.update(block, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
