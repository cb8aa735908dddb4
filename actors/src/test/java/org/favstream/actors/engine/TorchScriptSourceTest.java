// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchScriptSourceTest {
  private static final byte[] CODE = "abc".getBytes(StandardCharsets.UTF_8);

  /** FIPS 180-2's example. */
  private static final String DIGEST =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @TempDir private Path folder;

  private Path file() throws IOException {
    return Files.write(folder.resolve("module.pt"), CODE);
  }

  private static void requireCopy(TorchScriptSource source) throws IOException {
    Path copy = source.verifiedCopy();
    try {
      assertThat(copy).hasBinaryContent(CODE);
    } finally {
      Files.delete(copy);
    }
  }

  @Test
  void shouldGiveTheVeryBytesWhoseDigestIsPinned() throws IOException {
    Path file = file();
    assertThat(TorchScriptSource.digestOf(file)).isEqualTo(DIGEST);
    requireCopy(TorchScriptSource.file(file, DIGEST, 3));
    requireCopy(TorchScriptSource.file(file, DIGEST.toUpperCase(Locale.ROOT), 3));
    requireCopy(TorchScriptSource.bytes("sent", CODE, DIGEST, 3));
  }

  @Test
  void shouldRefuseOtherBytesWithBothDigestsAlsoWhereAFileWasChangedLater() throws IOException {
    Path file = file();
    TorchScriptSource source = TorchScriptSource.file(file, DIGEST, 100);
    requireCopy(source);
    Files.writeString(file, "abd");
    String got = TorchScriptSource.digestOf(file);
    assertThatThrownBy(source::verifiedCopy)
        .isInstanceOf(TorchScriptException.class)
        .hasMessageContaining("module.pt: its SHA-256 is " + got + ", expected " + DIGEST);
    assertThatThrownBy(() -> TorchScriptSource.bytes("sent", new byte[1], DIGEST, 3).verifiedCopy())
        .isInstanceOf(TorchScriptException.class)
        .hasMessageContaining("TorchScript module sent: its SHA-256 is ");
  }

  @Test
  void shouldRefuseMoreBytesThanItsLimit() throws IOException {
    assertThatThrownBy(TorchScriptSource.file(file(), DIGEST, 2)::verifiedCopy)
        .isInstanceOf(TorchScriptException.class)
        .hasMessageContaining("module.pt: it is longer than the limit of 2 bytes");
  }

  @Test
  void shouldRefuseToDoWithoutADigest() {
    for (String none : new String[] {"", "abc", DIGEST + "0", DIGEST.replace('b', 'x')}) {
      assertThatThrownBy(() -> TorchScriptSource.bytes("sent", CODE, none, 3))
          .isInstanceOf(TorchScriptException.class)
          .hasMessageContaining(
              "'" + none + "', expected 64 hexadecimal digits: TorchScript is code");
    }
  }

  @Test
  void shouldNameAFileThatIsNotThere() {
    Path missing = folder.resolve("missing.pt");
    assertThatThrownBy(TorchScriptSource.file(missing, DIGEST, 3)::verifiedCopy)
        .isInstanceOf(TorchScriptException.class)
        .hasMessage("TorchScript module %s: there is no such file", missing);
    assertThatThrownBy(TorchScriptSource.file(folder, DIGEST, 3)::verifiedCopy)
        .hasMessage("TorchScript module %s: it is no file", folder);
    assertThatThrownBy(() -> TorchScriptSource.digestOf(missing))
        .hasMessageContaining("there is no such file");
  }
}
