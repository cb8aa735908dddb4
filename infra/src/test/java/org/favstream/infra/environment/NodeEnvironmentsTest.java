// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.favstream.sampler.environment.EnvironmentException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** With programs in the place of Node and npm that say what a test lets them say. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the programs are shell scripts")
class NodeEnvironmentsTest {
  @TempDir private Path folder;
  private Path home;

  @BeforeEach
  void makeAnEnvironment() throws IOException {
    home = Files.createDirectories(folder.resolve("environments").resolve("cart"));
    Files.writeString(home.resolve("main.js"), "");
    Files.writeString(home.resolve("package-lock.json"), "{\"version\": 1}");
    Files.createDirectory(home.resolveSibling("notes"));
  }

  @Test
  void shouldKnowTheFoldersWithAServer() throws IOException {
    assertThat(environments("node", "npm").names()).containsExactly("cart");
    assertThat(new NodeEnvironments(folder.resolve("none"), new NodeTools("node", "npm")).names())
        .isEmpty();
  }

  @Test
  void shouldInstallOnceUntilTheLockChanges() throws Exception {
    NodeEnvironments environments =
        environments(
            program("node", "echo v20.1.2"),
            program("npm", "echo \"$@\" >> calls; mkdir -p node_modules"));
    List<String> command = environments.command("cart", 4711, 3);
    assertThat(command)
        .containsExactly(
            folder.resolve("node").toString(),
            home.resolve("main.js").toString(),
            "--port",
            "4711",
            "--copies",
            "3",
            "--end-with-input");
    environments.command("cart", 0, 1);
    assertThat(home.resolve("calls")).content().containsOnlyOnce("ci ");

    Files.writeString(home.resolve("package-lock.json"), "{\"version\": 2}");
    environments.command("cart", 0, 1);
    assertThat(home.resolve("calls")).content().hasLineCount(2);
  }

  @Test
  void shouldSayWhatToDoWithoutNode() throws IOException {
    requireRefused(
        environments("no-such-node", "npm"),
        "no-such-node was not found: install Node.js 18 or newer");
    requireRefused(
        environments(program("node", "echo v20.1.2"), "no-such-npm"),
        "no-such-npm was not found: install Node.js 18 or newer with npm");
  }

  @Test
  void shouldNameANodeThatIsTooOldOrNone() throws IOException {
    requireRefused(
        environments(program("node", "echo v16.20.0"), "npm"),
        "is of version 'v16.20.0', expected 18 or newer");
    requireRefused(
        environments(program("node", "echo hello"), "npm"), "is of version 'hello', expected 18");
  }

  @Test
  void shouldSayWhatNpmSaidLastAndTryAgainNextTime() throws Exception {
    String node = program("node", "echo v18.0.0");
    requireRefused(
        environments(node, program("npm", "echo 'npm error network: no route' >&2; exit 3")),
        "npm ci failed in " + home + " with status 3: npm error network: no route");
    assertThat(environments(node, program("npm", "mkdir -p node_modules")).command("cart", 0, 1))
        .isNotEmpty();
  }

  private static void requireRefused(NodeEnvironments environments, String said) {
    assertThatThrownBy(() -> environments.command("cart", 0, 1))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageContaining(said);
  }

  private NodeEnvironments environments(String node, String npm) {
    return new NodeEnvironments(folder.resolve("environments"), new NodeTools(node, npm));
  }

  private String program(String name, String script) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + script + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file.toString();
  }
}
