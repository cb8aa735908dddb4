// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.favstream.actors.engine.TorchScriptSource;

/**
 * A job of modules alone, as somebody might write it; the modules are {@code make_modules.py}'s.
 */
final class TorchScriptJob {
  private static final Path FOLDER = Path.of("src/test/resources/torchscript");

  private TorchScriptJob() {}

  /** Two settings: a key with a module's file, and the file's digest. */
  static List<String> pinned(String key, String name) {
    Path file = FOLDER.resolve(name + ".pt").toAbsolutePath();
    return List.of(
        "%s = \"%s\"".formatted(key, file),
        "%s-sha256 = %s".formatted(key, TorchScriptSource.digestOf(file)));
  }

  /** Writes the job's file. */
  static Path write(Path folder) throws IOException {
    return Files.writeString(
        folder.resolve("my-job.conf"),
        """
        job.name = my-job
        generator {
          family = torchscript
          noise-size = 8
          sample-size = 2
        }
        reward {
          name = mine
          kind = torchscript
        }
        sampler.particles-per-context = 64
        reference { pool = 500, per-step = 64 }
        learner { kde-bandwidths = [0.5], stein-bandwidths = [0.5], publish-every = 2, max-lag = 2 }
        evaluation { kind = eight-gaussians, every = 1s, samples = 300, draws = 2, data = 3000 }
        """
            + String.join("\n", pinned("generator.module", "toy"))
            + "\n"
            + String.join("\n", pinned("reward.module", "toy-reward")));
  }
}
