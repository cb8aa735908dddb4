// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.favstream.actors.weights.Safetensors;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.job.JobCatalog;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that people bring, or bring back: weights, contexts, finished runs. */
class RunFilesTest {
  private static final String TOY = "eight-gaussians";
  private static final String REACTION = "reaction-control";
  private static final String HEADER =
      "system,id,target,Y,"
          + IntStream.rangeClosed(1, 14).mapToObj(i -> "X" + i).collect(Collectors.joining(","));
  private static final String NUMBERS = "1,2,3,4,5,6,7,8,9,10,11,12,13,14";

  @TempDir private Path folder;

  /** The shipped weights of the toy, as a file. */
  private Path weights(String name) throws WeightsException, IOException {
    Path file = folder.resolve(name);
    Safetensors.of(JobCatalog.load(TOY, List.of()).initialWeights(), Map.of()).write(file);
    return file;
  }

  private static void corrupt(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  private Cli runWith(Path weights) {
    Path out = folder.resolve("out");
    Cli ended =
        Cli.run(
            "run",
            TOY,
            "--out",
            out.toString(),
            "--bootstrap-servers",
            "127.0.0.1:1",
            "--set",
            "kafka.setup-timeout=1s",
            "--set",
            "generator.weights=\"" + weights + "\"");
    assertThat(out).doesNotExist();
    return ended;
  }

  @Test
  void shouldNameWeightsOfAnotherShape() throws WeightsException, IOException {
    Generator other =
        new GeneratorSettings(GeneratorSettings.Family.MEANFLOW, 2, 0, 2, List.of(8), 1).create();
    Path file = folder.resolve("small.safetensors");
    Safetensors.of(new Weights(other.layout().tensors(), other.initialParameters(1)), Map.of())
        .write(file);
    runWith(file).requireRefused(2, "generator.weights", "small.safetensors", "another generator");
  }

  @Test
  void shouldNameWeightsWhoseDigestIsAnother() throws WeightsException, IOException {
    Path file = weights("flipped.safetensors");
    corrupt(file);
    runWith(file).requireRefused(2, "generator.weights", "flipped.safetensors", "digest");
  }

  @Test
  void shouldNameWeightsThatAreMissingOrNone() throws IOException {
    runWith(folder.resolve("none.safetensors"))
        .requireRefused(2, "none.safetensors", "no such file");
    Path text = Files.writeString(folder.resolve("text.safetensors"), "these are no weights");
    runWith(text).requireRefused(2, "text.safetensors", "safetensors");
    runWith(folder).requireRefused(2, folder.toString(), "it is a folder");
  }

  /** A finished run of a job, as far as its evaluation looks. */
  private Path finished(String job) throws IOException {
    Path run = Files.createDirectories(folder.resolve("run"));
    Files.writeString(run.resolve("job.conf"), JobCatalog.load(job, List.of()).config().render());
    Files.writeString(
        run.resolve("report.json"),
        """
        {"job": "%s", "run": "r-1", "seed": 1, "weightsVersion": 3, "steps": 12, "generations": 5,
         "refused": 0, "lag": {"max": 1, "mean": 0.5}, "seconds": 2.5, "metrics": {}}
        """
            .formatted(job));
    return run;
  }

  @Test
  void shouldNameARunThatIsMissingOrNotFinished() throws IOException {
    Cli.run("evaluate", TOY, "--run", folder.resolve("nowhere").toString())
        .requireRefused(1, "nowhere", "holds no finished run", "job.conf");
    Path run = finished(TOY);
    Cli.run("evaluate", TOY, "--run", run.toString())
        .requireRefused(1, "holds no finished run", "weights.safetensors");
    Files.delete(run.resolve("report.json"));
    Cli.run("evaluate", TOY, "--run", run.toString())
        .requireRefused(1, "holds no finished run", "report.json");
  }

  @Test
  void shouldNameAReportThatIsNone() throws IOException {
    Path run = finished(TOY);
    for (String text : List.of("", "{}", "[1]", "{\"job\": ")) {
      Files.writeString(run.resolve("report.json"), text);
      Cli.run("evaluate", TOY, "--run", run.toString(), "--json")
          .requireRefused(1, "report.json is no report");
    }
  }

  @Test
  void shouldRefuseTheRunOfAnotherJob() throws IOException {
    Cli.run("evaluate", REACTION, "--run", finished(TOY).toString())
        .requireRefused(2, "holds a run of job " + TOY + ", not of " + REACTION);
  }

  @Test
  void shouldNameBrokenWeightsOfARun() throws WeightsException, IOException {
    Path run = finished(TOY);
    Path last = weights("run/weights.safetensors");
    corrupt(last);
    Cli.run("evaluate", TOY, "--run", run.toString(), "--json")
        .requireRefused(1, last.toString(), "digest");
  }

  private Cli evaluate(String... lines) throws IOException {
    Path contexts = Files.write(folder.resolve("contexts.csv"), List.of(lines));
    return Cli.run(
        "evaluate",
        REACTION,
        "--run",
        finished(REACTION).toString(),
        "--contexts",
        contexts.toString(),
        "--json");
  }

  @Test
  void shouldNameWhatIsWrongInAFileOfContexts() throws IOException {
    evaluate(HEADER.replace(",target", ""), "system_02,a,0," + NUMBERS)
        .requireRefused(1, "contexts.csv, line 1: no column target");
    evaluate(HEADER, "system_02,a,0.5,0," + NUMBERS, "system_02,b,0.5,NaN," + NUMBERS)
        .requireRefused(1, "contexts.csv, line 3, column Y: got 'NaN'");
    evaluate(HEADER, "system_13,a,0.5,0," + NUMBERS)
        .requireRefused(
            1, "contexts.csv, line 2, column system: got 'system_13'", "system_01 to system_12");
    evaluate(HEADER, "system_01,a,0.5,0," + NUMBERS)
        .requireRefused(1, "contexts.csv holds no instance of the job's systems [2, 4,");
    evaluate(HEADER, "system_02,a,0.5").requireRefused(1, "contexts.csv, line 2", "expected 18");
    evaluate(HEADER).requireRefused(1, "contexts.csv: no contexts");
    Cli.run(
            "evaluate",
            REACTION,
            "--run",
            finished(REACTION).toString(),
            "--contexts",
            folder.resolve("none.csv").toString())
        .requireRefused(1, "none.csv: no such file");
  }

  @Test
  void shouldRefuseContextsForAJobWithoutThem() throws IOException {
    Path contexts = Files.writeString(folder.resolve("contexts.csv"), HEADER);
    Cli.run("evaluate", TOY, "--run", finished(TOY).toString(), "--contexts", contexts.toString())
        .requireRefused(2, "--contexts", "reaction-control", TOY);
  }
}
