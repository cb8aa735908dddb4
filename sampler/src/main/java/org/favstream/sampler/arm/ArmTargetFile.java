// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.favstream.sampler.arm.ArmSystem.CONTROL_SECONDS;
import static org.favstream.sampler.arm.ArmSystem.EPISODE_STEPS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads targets as the competition has them: files {@code SYSTEM_NUMBER.csv} with the columns
 * {@code System,t,target X,target Y}, a row for each of the 201 times. Beside them, or one folder
 * up, {@code x0.csv} gives the joints at first, by {@code system} and {@code rep} (the number of
 * the file); {@code FILE.baselines}, where it is there, gives what the score is measured against.
 */
public final class ArmTargetFile {
  private static final Pattern NAME = Pattern.compile("(.+)_(\\d{1,9})\\.csv");
  private static final String SYSTEM = "System";
  private static final String TIME = "t";
  private static final String X = "target X";
  private static final String Y = "target Y";

  /** Joints, then their velocities, closed up to the left: two links fill the first four. */
  private static final List<String> STATE = List.of("q1", "q2", "q3", "v1", "v2", "v3");

  private static final String STARTS = "x0.csv";
  private static final double TIME_TOLERANCE = 1e-6;

  private ArmTargetFile() {}

  /**
   * Reads one file, or all of a folder.
   *
   * @return at least one, by name
   * @throws ArmTargetException where there is none, or one is unsound; the message names it
   */
  public static List<ArmInstance> read(Path place) {
    List<ArmInstance> instances = new ArrayList<>();
    for (Path file : files(place)) {
      instances.add(instance(file));
    }
    return List.copyOf(instances);
  }

  private static List<Path> files(Path place) {
    if (!Files.isDirectory(place)) {
      return List.of(place);
    }
    try (Stream<Path> entries = Files.list(place)) {
      List<Path> files =
          entries.filter(file -> NAME.matcher(nameOf(file)).matches()).sorted().toList();
      if (files.isEmpty()) {
        throw new ArmTargetException(place + ": no target files SYSTEM_NUMBER.csv in this folder");
      }
      return files;
    } catch (IOException e) {
      throw new ArmTargetException(place + ": not readable: " + e, e);
    }
  }

  private static String nameOf(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static ArmInstance instance(Path file) {
    Matcher name = NAME.matcher(nameOf(file));
    if (!name.matches()) {
      throw new ArmTargetException(
          file + ": expected a name SYSTEM_NUMBER.csv, whose number " + STARTS + " has joints for");
    }
    List<CsvTable.Row> rows = CsvTable.read(file, List.of(SYSTEM, TIME, X, Y)).rows();
    if (rows.size() != EPISODE_STEPS + 1) {
      throw new ArmTargetException(
          "%s: %d rows, expected %d: one each 10 ms from 0 to 2 s"
              .formatted(file, rows.size(), EPISODE_STEPS + 1));
    }
    ArmSystem system = system(rows.get(0));
    double[] path = new double[2 * rows.size()];
    for (int t = 0; t < rows.size(); t++) {
      CsvTable.Row row = rows.get(t);
      if (!row.text(SYSTEM).equals(system.name())) {
        throw row.unsound(SYSTEM, system + " as in the rows above");
      }
      if (Math.abs(row.number(TIME) - t * CONTROL_SECONDS) > TIME_TOLERANCE) {
        throw row.unsound(TIME, "%.2f".formatted(t * CONTROL_SECONDS));
      }
      path[2 * t] = row.number(X);
      path[2 * t + 1] = row.number(Y);
    }
    Path baselines = file.resolveSibling(nameOf(file) + ".baselines");
    return new ArmInstance(
        name.group(0).substring(0, name.end(2)),
        system,
        new ArmTarget(angles(file, system, Integer.parseInt(name.group(2))), path),
        Files.exists(baselines) ? Optional.of(ArmBaselines.read(baselines)) : Optional.empty());
  }

  private static ArmSystem system(CsvTable.Row row) {
    try {
      return ArmSystem.of(row.text(SYSTEM));
    } catch (IllegalArgumentException e) {
      throw row.unsound(SYSTEM, "one of " + ArmSystem.all().toString().replaceAll("[\\[\\]]", ""));
    }
  }

  private static double[] angles(Path file, ArmSystem system, int number) {
    Path starts = starts(file);
    List<String> columns = new ArrayList<>(STATE);
    columns.add(0, "rep");
    columns.add(0, "system");
    for (CsvTable.Row row : CsvTable.read(starts, columns).rows()) {
      if (row.text("system").equals(system.name()) && row.number("rep") == number) {
        return angles(system, row);
      }
    }
    throw new ArmTargetException(
        "%s: no joints for system %s, rep %d, which %s begins with"
            .formatted(starts, system, number, file));
  }

  private static double[] angles(ArmSystem system, CsvTable.Row row) {
    double[] joints = new double[system.links()];
    for (int i = 0; i < 2 * joints.length; i++) {
      double number = row.number(STATE.get(i));
      if (i < joints.length) {
        joints[i] = number;
      } else if (number != 0) {
        throw row.unsound(STATE.get(i), "0: episodes begin at rest");
      }
    }
    return system.anglesOf(joints);
  }

  private static Path starts(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    for (Path up = folder; up != null; up = up.equals(folder) ? up.getParent() : null) {
      if (Files.exists(up.resolve(STARTS))) {
        return up.resolve(STARTS);
      }
    }
    throw new ArmTargetException(
        "%s: no %s beside it or one folder up, which gives the joints at first"
            .formatted(file, STARTS));
  }
}
