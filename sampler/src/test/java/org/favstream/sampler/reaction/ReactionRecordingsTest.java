// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.favstream.sampler.reaction.ReactionSystem.CONTROLS;
import static org.favstream.sampler.reaction.ReactionSystem.SPECIES;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The simulator against the competition's own recordings and contexts. They are not part of the
 * project: a copy is used where {@code -Dfavstream.lbd=DIR} says so, with {@code
 * DIR/chem/training/*.csv} and {@code DIR/chem/contexts.csv}.
 *
 * <p>A recording is a state at each of the 20 grid times under a recorded control. It is noisy,
 * except at time 0: independent, with a deviation of about a tenth of the species' range in the
 * recording, and of 0.01 where that is small. So what can be asserted is that the residuals are
 * noise: unbiased at every time and in every species, and not correlated from one time to the next.
 */
class ReactionRecordingsTest {
  private static final String FOLDER_PROPERTY = "favstream.lbd";
  private static final int TIMES = 20;

  private final ReactionSimulator simulator =
      new ReactionSimulator(ReactionSimulator.FINE_TOLERANCE);
  private Path chem = Path.of("chem");

  /** One recording: its system, control and states, a row of 15 numbers a time. */
  private static final class Recording {
    final ReactionSystem system;
    final double[] control;
    final double[][] states;

    Recording(ReactionSystem system, double[] control, double[][] states) {
      this.system = system;
      this.control = control;
      this.states = states;
    }
  }

  @BeforeEach
  void findTheData() {
    String folder = System.getProperty(FOLDER_PROPERTY, "");
    assumeTrue(
        !folder.isBlank(),
        "SKIPPED: no recordings to check against; give a copy of the competition's data by -D"
            + FOLDER_PROPERTY
            + "=DIR");
    chem = Path.of(folder, "chem");
  }

  @Test
  void shouldLeaveNothingButNoiseWhenRecordingsAreReplayed() throws IOException {
    double[][] sums = new double[TIMES][SPECIES];
    double squares = 0;
    double products = 0;
    int count = 0;
    List<Recording> recordings = recordings();
    for (Recording recording : recordings) {
      double[][] residuals = residuals(recording, recording.system);
      for (int n = 1; n < TIMES; n++) {
        for (int i = 0; i < SPECIES; i++) {
          double residual = residuals[n][i];
          sums[n][i] += residual;
          squares += residual * residual;
          products += residual * residuals[n - 1][i];
          count++;
        }
      }
    }
    assertThat(squares / count).describedAs("variance, in that of the noise").isBetween(0.9, 1.1);
    assertThat(products / squares).describedAs("correlation in time").isCloseTo(0, within(0.02));
    double deviationOfMean = Math.sqrt(squares / count / recordings.size());
    for (int n = 1; n < TIMES; n++) {
      for (int i = 0; i < SPECIES; i++) {
        assertThat(sums[n][i] / recordings.size())
            .describedAs("mean of species %d at time %d", i, n)
            .isCloseTo(0, within(4.5 * deviationOfMean));
      }
    }
  }

  @Test
  void shouldLeaveMoreThanNoiseWhenTheSystemIsAnother() throws IOException {
    double squares = 0;
    double products = 0;
    for (Recording recording : recordings()) {
      int number = recording.system.number();
      double[][] residuals =
          residuals(recording, ReactionSystem.of(number % 2 == 0 ? number - 1 : number + 1));
      for (int n = 1; n < TIMES; n++) {
        for (int i = 0; i < SPECIES; i++) {
          squares += residuals[n][i] * residuals[n][i];
          products += residuals[n][i] * residuals[n - 1][i];
        }
      }
    }
    assertThat(products / squares).describedAs("correlation in time").isGreaterThan(0.3);
  }

  @Test
  void shouldCostWhatIsPublishedWhenThereIsNoControl() {
    double sum = 0;
    int count = 0;
    for (ReactionContextFile.Row row : ReactionContextFile.read(chem.resolve("contexts.csv"))) {
      if (List.of(2, 4, 6, 8, 10, 12).contains(row.system().number())) {
        sum += simulator.cost(row.context(), new double[CONTROLS]).cost();
        count++;
      }
    }
    // 0.9686 over 50 contexts a system; the file holds 10 of each.
    assertThat(count).isEqualTo(60);
    assertThat(sum / count).isCloseTo(0.9686, within(0.15));
  }

  /** Recorded less simulated, in units of the noise. */
  private double[][] residuals(Recording recording, ReactionSystem system) {
    double[] times = new double[TIMES];
    for (int n = 0; n < TIMES; n++) {
      times[n] = Math.exp(Math.log(81) * n / (TIMES - 1)) - 1;
    }
    double[][] recorded = recording.states;
    double[][] simulated =
        simulator.trajectory(system.rates(), recorded[0], recording.control, times).orElseThrow();
    double[][] residuals = new double[TIMES][SPECIES];
    for (int i = 0; i < SPECIES; i++) {
      int species = i;
      double[] course = Arrays.stream(simulated).mapToDouble(state -> state[species]).toArray();
      double range =
          Arrays.stream(course).max().orElseThrow() - Arrays.stream(course).min().orElseThrow();
      double noise = Math.hypot(0.01, 0.105 * range);
      for (int n = 0; n < TIMES; n++) {
        residuals[n][i] = (recorded[n][i] - simulated[n][i]) / noise;
      }
    }
    return residuals;
  }

  private List<Recording> recordings() throws IOException {
    List<Recording> recordings = new ArrayList<>();
    try (Stream<Path> files = Files.list(chem.resolve("training"))) {
      for (Path file : files.sorted().toList()) {
        int system = Integer.parseInt(file.getFileName().toString().substring(7, 9));
        double[][] rows =
            Files.readAllLines(file).stream()
                .skip(1)
                .map(line -> Arrays.stream(line.split(",")).mapToDouble(Double::parseDouble))
                .map(cells -> cells.toArray())
                .toArray(double[][]::new);
        double[] control = Arrays.copyOfRange(rows[0], 1 + SPECIES, 1 + SPECIES + CONTROLS);
        double[][] states =
            Arrays.stream(rows)
                .map(row -> Arrays.copyOfRange(row, 1, 1 + SPECIES))
                .toArray(double[][]::new);
        recordings.add(new Recording(ReactionSystem.of(system), control, states));
      }
    }
    assertThat(recordings).describedAs("recordings in %s", chem).isNotEmpty();
    return recordings;
  }
}
