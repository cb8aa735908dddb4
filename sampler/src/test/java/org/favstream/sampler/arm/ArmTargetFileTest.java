// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArmTargetFileTest {
  private static final String BEETLE = "great-devious-beetle";

  @TempDir private Path folder;

  private final List<String> lines = new ArrayList<>();

  @BeforeEach
  void writeSoundFiles() throws IOException {
    lines.add("System,t,target X,target Y");
    for (int t = 0; t <= 200; t++) {
      lines.add(
          String.format(Locale.ROOT, "%s,%.6f,%.6f,%.6f", BEETLE, t * 0.01, 1 + t * 0.001, 2.0));
    }
    Files.write(
        folder.resolve("x0.csv"),
        List.of(
            "sysid,system,rep,q1,q2,q3,v1,v2,v3",
            "8,great-devious-beetle,4,0.5,-0.25,0,0,,",
            "16,talented-ruddy-butterfly,4,0.5,-0.25,0.125,0,0,0"));
  }

  @Test
  void shouldReadATargetWithItsJointsAndBaselines() throws IOException {
    Path file = write(BEETLE + "_004.csv");
    assertThat(ArmTargetFile.read(file).get(0).baselines()).isEmpty();
    Files.write(
        folder.resolve(BEETLE + "_004.csv.baselines"),
        List.of("controller,deviation,controlcost", "lqr,0.04,0.0025", "zero,4,0"));
    ArmInstance instance = ArmTargetFile.read(folder).get(0);
    assertThat(instance.name()).isEqualTo(BEETLE + "_004");
    assertThat(instance.system().name()).isEqualTo(BEETLE);
    assertThat(instance.target().angles()).containsExactly(0.5, 0.25);
    assertThat(instance.target().path()).startsWith(1, 2, 1.001, 2).endsWith(1.2, 2);
    ArmBaselines baselines = instance.baselines().orElseThrow();
    assertThat(baselines.score(0.2, 0.05)).isEqualTo(1);
    assertThat(baselines.score(2, 0)).isCloseTo(100, within(1e-9));
    assertThat(baselines.score(20, 0)).isEqualTo(100);
    assertThat(baselines.score(0, 0.1)).isEqualTo(1);
  }

  @Test
  void shouldTakeAnglesOfThreeLinksFromTheVertical() throws IOException {
    lines.replaceAll(line -> line.replace(BEETLE, "talented-ruddy-butterfly"));
    Path targets = Files.createDirectory(folder.resolve("targets")); // x0.csv is one folder up
    Path file = Files.write(targets.resolve("talented-ruddy-butterfly_004.csv"), lines);
    assertThat(ArmTargetFile.read(file).get(0).target().angles())
        .containsExactly(Math.PI / 2 - 0.5, Math.PI / 2 + 0.25, Math.PI / 2 - 0.125);
  }

  @Test
  void shouldNameWhatIsMissing() throws IOException {
    refuses(folder.resolve("none.csv"), "none.csv: expected a name SYSTEM_NUMBER.csv");
    refuses(folder.resolve("a_1.csv"), "a_1.csv: no such file");
    refuses(folder, folder + ": no target files SYSTEM_NUMBER.csv in this folder");
    lines.set(0, "System,t,target X,y");
    refuses(
        write(BEETLE + "_4.csv"), "_4.csv, line 1: no column 'target Y'; got System,t,target X,y");
    lines.set(0, "System,t,target X,target Y");
    refuses(
        write(BEETLE + "_5.csv"),
        "x0.csv: no joints for system " + BEETLE + ", rep 5, which " + folder);
    Files.delete(folder.resolve("x0.csv"));
    refuses(write(BEETLE + "_4.csv"), "_4.csv: no x0.csv beside it or one folder up");
    lines.remove(201);
    refuses(write(BEETLE + "_4.csv"), "_4.csv: 200 rows, expected 201");
  }

  @Test
  void shouldNameLineAndColumnOfAnUnsoundCell() throws IOException {
    refusesLine(7, BEETLE + ",0.05,NaN,2", "line 7, column target X: got 'NaN', expected a finite");
    refusesLine(
        7, BEETLE + ",0.05,1,much", "line 7, column target Y: got 'much', expected a number");
    refusesLine(7, BEETLE + ",0.06,1,2", "line 7, column t: got '0.06', expected 0.05");
    refusesLine(
        7, "bumblebee,0.05,1,2", "line 7, column System: got 'bumblebee', expected " + BEETLE);
    refusesLine(7, BEETLE + ",0.05,1", "line 7: 3 cells, expected 4");
    refusesLine(
        2, "bumblebee,0,1,2", "line 2, column System: got 'bumblebee', expected one of " + BEETLE);
  }

  @Test
  void shouldNameWhatIsUnsoundBesideTheTarget() throws IOException {
    Path baselines = folder.resolve(BEETLE + "_4.csv.baselines");
    Files.write(baselines, List.of("controller,deviation,controlcost", "lqr,0.1,0.2"));
    refuses(write(BEETLE + "_4.csv"), ".baselines: no row of controller zero");
    Files.write(baselines, List.of("controller,deviation,controlcost", "lqr,0.1,0", "zero,1,0"));
    refuses(
        write(BEETLE + "_4.csv"), "line 2, column controlcost: got '0', expected a number above 0");
    Files.write(
        folder.resolve("x0.csv"), List.of("system,rep,q1,q2,q3,v1,v2,v3", BEETLE + ",4,0,0,0,1,,"));
    refuses(write(BEETLE + "_4.csv"), "column v1: got '1', expected 0: episodes begin at rest");
  }

  private Path write(String name) throws IOException {
    return Files.write(folder.resolve(name), lines);
  }

  private void refusesLine(int line, String text, String message) throws IOException {
    String sound = lines.set(line - 1, text);
    Path file = write(BEETLE + "_4.csv");
    refuses(file, file + ", " + message);
    lines.set(line - 1, sound);
  }

  private static void refuses(Path place, String message) {
    assertThatThrownBy(() -> ArmTargetFile.read(place))
        .isInstanceOf(ArmTargetException.class)
        .hasMessageContaining(message);
  }
}
