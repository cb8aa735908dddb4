// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a command said and how it ended.
 *
 * @param status the exit status
 * @param out standard output
 * @param err standard error
 */
record Cli(int status, String out, String err) {

  /** Runs a command in this JVM. */
  static Cli run(String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    int status;
    try (PrintStream outHere = new PrintStream(outBytes, true, StandardCharsets.UTF_8);
        PrintStream errHere = new PrintStream(errBytes, true, StandardCharsets.UTF_8)) {
      System.setOut(outHere);
      System.setErr(errHere);
      status = Favstream.execute(args);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    return new Cli(
        status,
        outBytes.toString(StandardCharsets.UTF_8),
        errBytes.toString(StandardCharsets.UTF_8));
  }

  /**
   * How a command begins that runs in a JVM of its own; the words follow.
   *
   * @param options further ones of the JVM
   */
  static List<String> java(String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-Dai.djl.offline=true",
                "-Xmx512m"));
    command.addAll(List.of(options));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), Favstream.class.getName()));
    return command;
  }

  /** It did what was asked. */
  Cli requireDone() {
    assertThat(status).describedAs(err).isZero();
    return this;
  }

  /** It refused: so, with all of this, in plain words and on standard error alone. */
  Cli requireRefused(int expected, String... said) {
    assertThat(err).contains(said);
    assertThat(status).describedAs(err).isEqualTo(expected);
    assertThat(out).isEmpty();
    assertThat(err).doesNotContain("\tat ", "Exception", "a fault of favstream itself", " null");
    return this;
  }
}
