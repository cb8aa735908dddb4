// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The arms against the competition's own recordings and targets. They are not part of the project:
 * a copy is used where {@code -Dfavstream.lbd=DIR} says so, with {@code DIR/robo/training/*.csv},
 * {@code DIR/robo/targets} and {@code DIR/robo/x0.csv}.
 */
class ArmRecordingsTest {
  private static final String FOLDER_PROPERTY = "favstream.lbd";

  private Path robo = Path.of("robo");

  @BeforeEach
  void findTheData() {
    String folder = System.getProperty(FOLDER_PROPERTY, "");
    assumeTrue(
        !folder.isBlank(),
        "SKIPPED: no recordings of arms to check against; give a copy of the competition's data by"
            + " -D"
            + FOLDER_PROPERTY
            + "=DIR");
    robo = Path.of(folder, "robo");
  }

  @Test
  void shouldGoWhereTheRecordingsWentInTheirFirstStep() throws IOException {
    List<Path> files;
    try (Stream<Path> entries = Files.list(robo.resolve("training"))) {
      files = entries.sorted().toList();
    }
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      List<CsvTable.Row> rows = CsvTable.read(file, List.of("System", "U1", "dX")).rows();
      ArmSystem system = ArmSystem.of(rows.get(0).text("System"));
      Recorded before = new Recorded(system, rows.get(0));
      Recorded after = new Recorded(system, rows.get(1));
      double[] control = new double[system.controls()];
      for (int k = 0; k < control.length; k++) {
        control[k] = rows.get(0).number("U" + (k + 1));
      }
      double[] torque = new double[system.links()];
      system.torqueOf(control, torque);
      system.dynamics().advance(before.angles, before.speeds, 0, torque, 0.01, 10);
      before.writeJoints(system);
      for (int i = 0; i < before.places.length; i++) {
        assertThat(before.places[i])
            .describedAs("place of %s", file)
            .isCloseTo(after.places[i], within(1e-5));
        assertThat(before.velocities[i])
            .describedAs("velocity of %s", file)
            .isCloseTo(after.velocities[i], within(1e-4));
      }
    }
  }

  @Test
  void shouldDeviateAsPublishedWithoutControl() {
    bySystem(
        (system, instances) -> {
          ArmEvaluation evaluation =
              ArmEvaluation.of(
                  instances, seen -> new float[instances.size() * system.controls()], 10);
          List<Double> ratios =
              Stream.iterate(0, i -> i + 1)
                  .limit(instances.size())
                  .map(
                      i ->
                          evaluation.outcomes().get(i).deviation()
                              / instances.get(i).baselines().orElseThrow().zeroDeviation())
                  .sorted()
                  .toList();
          assertThat(ratios.get(ratios.size() / 2))
              .describedAs("%s, median of %s", system, ratios)
              .isCloseTo(1, within(0.01));
          assertThat(evaluation.score().orElseThrow())
              .describedAs("score of no control")
              .isBetween(95.0, 100.0);
        });
  }

  @Test
  void shouldScoreAsTheOracleWithAControllerThatKnowsTheEquations() {
    bySystem(
        (system, instances) ->
            assertThat(
                    ArmEvaluation.of(instances, new ArmController(system, 160, 25), 10)
                        .score()
                        .orElseThrow())
                .describedAs("score on %s", system)
                .isBetween(0.3, 1.0));
  }

  private interface Check {
    void of(ArmSystem system, List<ArmInstance> instances);
  }

  private void bySystem(Check check) {
    ArmTargetFile.read(robo.resolve("targets")).stream()
        .collect(Collectors.groupingBy(ArmInstance::system))
        .forEach(check::of);
  }

  /** A state as a recording has it: places and velocities of the joints, from the base. */
  private static final class Recorded {
    final double[] angles;
    final double[] speeds;
    final double[] places;
    final double[] velocities;

    Recorded(ArmSystem system, CsvTable.Row row) {
      int links = system.links();
      angles = new double[links];
      speeds = new double[links];
      places = new double[2 * links];
      velocities = new double[2 * links];
      for (int i = 0; i < links; i++) {
        String joint = i == links - 1 ? "" : Integer.toString(links - 1 - i);
        places[2 * i] = row.number("X" + joint);
        places[2 * i + 1] = row.number("Y" + joint);
        velocities[2 * i] = row.number("dX" + joint);
        velocities[2 * i + 1] = row.number("dY" + joint);
        double x = places[2 * i] - (i == 0 ? 0 : places[2 * i - 2]);
        double y = places[2 * i + 1] - (i == 0 ? 0 : places[2 * i - 1]);
        double dx = velocities[2 * i] - (i == 0 ? 0 : velocities[2 * i - 2]);
        double dy = velocities[2 * i + 1] - (i == 0 ? 0 : velocities[2 * i - 1]);
        angles[i] = Math.atan2(y, x);
        speeds[i] = (x * dy - y * dx) / (x * x + y * y);
      }
    }

    void writeJoints(ArmSystem system) {
      for (int i = 0; i < angles.length; i++) {
        double cos = system.length(i) * Math.cos(angles[i]);
        double sin = system.length(i) * Math.sin(angles[i]);
        places[2 * i] = cos + (i == 0 ? 0 : places[2 * i - 2]);
        places[2 * i + 1] = sin + (i == 0 ? 0 : places[2 * i - 1]);
        velocities[2 * i] = -sin * speeds[i] + (i == 0 ? 0 : velocities[2 * i - 2]);
        velocities[2 * i + 1] = cos * speeds[i] + (i == 0 ? 0 : velocities[2 * i - 1]);
      }
    }
  }
}
