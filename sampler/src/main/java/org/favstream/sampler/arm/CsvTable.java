// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A CSV file: a header, then rows. Columns are found by name, in any order. Cells are not quoted;
 * blank lines are skipped. Every refusal names the file, and line and column where there is one.
 */
final class CsvTable {
  private final Path file;
  private final List<String> columns;
  private final List<Row> rows = new ArrayList<>();

  private CsvTable(Path file, List<String> columns) {
    this.file = file;
    this.columns = columns;
  }

  /** A line below the header. */
  final class Row {
    private final int line;
    private final List<String> cells;

    private Row(int line, List<String> cells) {
      this.line = line;
      this.cells = cells;
    }

    String text(String column) {
      return cells.get(columns.indexOf(column));
    }

    /** A finite number. */
    double number(String column) {
      double number;
      try {
        number = Double.parseDouble(text(column));
      } catch (NumberFormatException e) {
        throw unsound(column, "a number");
      }
      if (!Double.isFinite(number)) {
        throw unsound(column, "a finite number");
      }
      return number;
    }

    ArmTargetException unsound(String column, String expected) {
      return new ArmTargetException(
          "%s, line %d, column %s: got '%s', expected %s"
              .formatted(file, line, column, text(column), expected));
    }
  }

  /**
   * Reads a file.
   *
   * @param required columns that there must be
   * @throws ArmTargetException where it cannot be read, a column is missing, or a line is too long
   *     or too short
   */
  static CsvTable read(Path file, List<String> required) {
    List<String> lines = lines(file);
    if (lines.isEmpty()) {
      throw new ArmTargetException(
          "%s: empty, expected a CSV file with the columns %s"
              .formatted(file, String.join(",", required)));
    }
    List<String> columns = cells(lines.get(0));
    List<String> missing = required.stream().filter(name -> !columns.contains(name)).toList();
    if (!missing.isEmpty()) {
      throw new ArmTargetException(
          "%s, line 1: no column '%s'; got %s"
              .formatted(file, String.join("', '", missing), lines.get(0)));
    }
    CsvTable table = new CsvTable(file, columns);
    for (int n = 1; n < lines.size(); n++) {
      if (!lines.get(n).isBlank()) {
        table.add(n + 1, cells(lines.get(n)));
      }
    }
    return table;
  }

  private void add(int line, List<String> cells) {
    if (cells.size() != columns.size()) {
      throw new ArmTargetException(
          "%s, line %d: %d cells, expected %d".formatted(file, line, cells.size(), columns.size()));
    }
    rows.add(new Row(line, cells));
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      throw new ArmTargetException(file + ": no such file", e);
    } catch (IOException e) {
      throw new ArmTargetException(file + ": not readable: " + e, e);
    }
  }

  private static List<String> cells(String line) {
    return Arrays.stream(line.split(",", -1)).map(String::strip).toList();
  }

  List<Row> rows() {
    return rows;
  }
}
