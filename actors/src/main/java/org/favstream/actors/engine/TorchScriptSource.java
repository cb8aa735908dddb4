// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Where a TorchScript module comes from, and the digest that it must have.
 *
 * <p><b>TorchScript is code.</b> Whoever can change the file can run what he likes in this process,
 * so there is no source without a pinned SHA-256, and what is loaded are the very bytes that were
 * digested: a private copy of them, whatever happens to the file meanwhile. A source holds no
 * module; each {@link TorchScriptModule} that is loaded from it reads and digests it again.
 */
public final class TorchScriptSource {
  private static final int BLOCK = 1 << 16;

  /** Opens the bytes of a source. */
  @FunctionalInterface
  private interface Opener {
    InputStream open() throws IOException;
  }

  private final String name;
  private final Opener bytes;
  private final String sha256;
  private final long maxBytes;

  private TorchScriptSource(String name, Opener bytes, String sha256, long maxBytes) {
    if (!sha256.matches("[0-9a-fA-F]{64}")) {
      throw new TorchScriptException(
          "TorchScript module %s: its SHA-256 is given as '%s', expected 64 hexadecimal digits: TorchScript is code, and is loaded with a pinned digest alone"
              .formatted(name, sha256));
    }
    this.name = name;
    this.bytes = bytes;
    this.sha256 = sha256.toLowerCase(Locale.ROOT);
    this.maxBytes = maxBytes;
  }

  /**
   * A file.
   *
   * @param sha256 which it must have, in hex
   * @param maxBytes how long it may be
   * @throws TorchScriptException where no digest is given; of the file itself nothing is looked at
   */
  public static TorchScriptSource file(Path file, String sha256, long maxBytes) {
    return new TorchScriptSource(file.toString(), () -> open(file), sha256, maxBytes);
  }

  /**
   * Bytes that are here already.
   *
   * @param name what messages call them
   * @param bytes not to be changed any more
   * @param sha256 which they must have, in hex
   * @param maxBytes how many they may be
   * @throws TorchScriptException where no digest is given
   */
  public static TorchScriptSource bytes(String name, byte[] bytes, String sha256, long maxBytes) {
    return new TorchScriptSource(name, () -> new ByteArrayInputStream(bytes), sha256, maxBytes);
  }

  /**
   * A file that a job names.
   *
   * @param key names the file; {@code key-sha256} its digest
   * @param limitKey names how long it may be
   * @throws ConfigException where there is no file or no digest; the message says which one the
   *     file has
   */
  public static TorchScriptSource of(Config job, String key, String limitKey) {
    String digestKey = key + "-sha256";
    String file = job.getString(key);
    String digest = job.getString(digestKey);
    try {
      if (digest.isEmpty()) {
        throw new TorchScriptException(
            "TorchScript is code, and is loaded with a pinned digest alone; if you trust %s, pin it: %s = \"%s\""
                .formatted(file, digestKey, digestOf(Path.of(file))));
      }
      return file(Path.of(file), digest, job.getBytes(limitKey));
    } catch (TorchScriptException e) {
      throw new ConfigException.BadValue(
          job.getValue(digestKey).origin(), digestKey, e.getMessage(), e);
    }
  }

  /**
   * The digest of a file that nobody has vouched for yet, to be shown to one who may.
   *
   * @return lower-case hex SHA-256
   * @throws TorchScriptException where there is no such file
   */
  public static String digestOf(Path file) {
    MessageDigest digest = sha256();
    try (InputStream in = open(file)) {
      byte[] block = new byte[BLOCK];
      for (int count = in.read(block); count >= 0; count = in.read(block)) {
        digest.update(block, 0, count);
      }
    } catch (IOException e) {
      throw unreadable(file.toString(), e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** What messages call it. */
  public String name() {
    return name;
  }

  private static InputStream open(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new IOException("there is no such file");
    }
    if (!Files.isRegularFile(file)) {
      throw new IOException("it is no file"); // a pipe would be waited for
    }
    return Files.newInputStream(file);
  }

  /**
   * A copy that is as long as it may be and has the digest that it must have; the caller's to
   * delete.
   *
   * @throws TorchScriptException where it cannot be had
   */
  Path verifiedCopy() {
    try {
      Path copy = Files.createTempFile("favstream-", ".pt"); // nobody else can read or write it
      try {
        requireDigest(copyTo(copy));
        return copy;
      } catch (IOException | RuntimeException e) {
        Files.deleteIfExists(copy);
        throw e;
      }
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  private String copyTo(Path copy) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = bytes.open();
        OutputStream out = Files.newOutputStream(copy)) {
      byte[] block = new byte[BLOCK];
      long length = 0;
      for (int count = in.read(block); count >= 0; count = in.read(block)) {
        length += count;
        if (length > maxBytes) {
          throw new TorchScriptException(
              "TorchScript module %s: it is longer than the limit of %d bytes"
                  .formatted(name, maxBytes));
        }
        digest.update(block, 0, count);
        out.write(block, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private void requireDigest(String got) {
    if (!got.equals(sha256)) {
      throw new TorchScriptException(
          "TorchScript module %s: its SHA-256 is %s, expected %s: it is not the module that was pinned"
              .formatted(name, got, sha256));
    }
  }

  private static TorchScriptException unreadable(String name, IOException e) {
    return new TorchScriptException("TorchScript module %s: %s".formatted(name, e.getMessage()), e);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
