// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.environment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.favstream.sampler.environment.EnvironmentException;

/**
 * The environments whose servers run in Node: a folder each, with a {@code package.json}, its lock,
 * and a {@code main.js} that takes {@code --port}, {@code --copies} and {@code --end-with-input}.
 * Their packages are installed on first use, beside them.
 */
public final class NodeEnvironments {
  private static final String FOLDER_PROPERTY = "favstream.environments";
  private static final String MAIN = "main.js";

  private final Path folder;
  private final NodeTools tools;

  /** Those in a folder, run by given tools. */
  NodeEnvironments(Path folder, NodeTools tools) {
    this.folder = folder;
    this.tools = tools;
  }

  /**
   * Those of this distribution, whose folder the launcher names in the system property {@code
   * favstream.environments}; run by the Node that is on the path.
   */
  public static NodeEnvironments ofDistribution() {
    return new NodeEnvironments(
        Path.of(System.getProperty(FOLDER_PROPERTY, "environments")), new NodeTools("node", "npm"));
  }

  /** What there is. */
  public SortedSet<String> names() {
    try (Stream<Path> folders = Files.list(folder)) {
      return folders
          .filter(each -> Files.exists(each.resolve(MAIN)))
          .map(each -> each.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      return new TreeSet<>(); // a distribution without
    }
  }

  /**
   * The command that starts the server of one of {@link #names}; installs its packages first where
   * that was not done.
   *
   * @param port on loopback; 0 for any free one
   * @throws EnvironmentException where Node is not there or the packages cannot be installed
   */
  public List<String> command(String name, int port, int copies) throws EnvironmentException {
    Path home = folder.resolve(name).toAbsolutePath();
    tools.requireNode();
    tools.install(home);
    return List.of(
        tools.node(),
        home.resolve(MAIN).toString(),
        "--port",
        Integer.toString(port),
        "--copies",
        Integer.toString(copies),
        "--end-with-input");
  }
}
