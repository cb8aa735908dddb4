// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.favstream.sampler.reaction.ReactionSystem.SPECIES;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads contexts from a CSV file: a header, then a context a line. The columns {@code system}
 * ({@code system_02} or {@code 2}), {@code id}, {@code target}, {@code Y} and {@code X1..X14} are
 * found by name, in any order; others are left alone. Cells are not quoted. Blank lines are
 * skipped.
 */
public final class ReactionContextFile {
  private static final Pattern SYSTEM = Pattern.compile("(?:system_)?(\\d{1,2})");
  private static final String SYSTEM_COLUMN = "system";
  private static final String ID_COLUMN = "id";
  private static final String TARGET_COLUMN = "target";

  /**
   * One line.
   *
   * @param system the system it names, which the context's rates are of
   * @param id what the file calls it
   * @param context the context
   */
  public record Row(ReactionSystem system, String id, ReactionContext context) {}

  private final Path file;
  private final Map<String, Integer> columns;

  private ReactionContextFile(Path file, Map<String, Integer> columns) {
    this.file = file;
    this.columns = columns;
  }

  /**
   * Reads a file.
   *
   * @return its rows, at least one, in its order
   * @throws ReactionContextException if it cannot be read or is unsound; the message names the
   *     file, and the line and the column where there is one
   */
  public static List<Row> read(Path file) {
    List<String> lines = lines(file);
    if (lines.isEmpty() || lines.get(0).isBlank()) {
      throw new ReactionContextException(file + ": no header: expected a CSV file of contexts");
    }
    ReactionContextFile reader = new ReactionContextFile(file, columns(file, lines.get(0)));
    List<Row> rows = new ArrayList<>();
    for (int n = 1; n < lines.size(); n++) {
      if (!lines.get(n).isBlank()) {
        rows.add(reader.row(n + 1, lines.get(n)));
      }
    }
    if (rows.isEmpty()) {
      throw new ReactionContextException(file + ": no contexts below the header");
    }
    return List.copyOf(rows);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException missing) {
      throw new ReactionContextException(file + ": no such file", missing);
    } catch (IOException unreadable) {
      throw new ReactionContextException(file + ": not readable: " + unreadable, unreadable);
    }
  }

  private static Map<String, Integer> columns(Path file, String header) {
    String[] names = header.split(",", -1);
    Map<String, Integer> columns = new HashMap<>();
    for (int i = 0; i < names.length; i++) {
      if (columns.put(names[i].strip(), i) != null) {
        throw new ReactionContextException(
            file + ", line 1: column " + names[i].strip() + " stands there twice");
      }
    }
    List<String> missing = new ArrayList<>(List.of(SYSTEM_COLUMN, ID_COLUMN, TARGET_COLUMN));
    for (int i = 0; i < SPECIES; i++) {
      missing.add(species(i));
    }
    missing.removeAll(columns.keySet());
    if (!missing.isEmpty()) {
      throw new ReactionContextException(
          file + ", line 1: no column " + String.join(", ", missing) + "; got " + header);
    }
    return columns;
  }

  private static String species(int i) {
    return i == 0 ? "Y" : "X" + i;
  }

  private Row row(int line, String text) {
    String[] cells = text.split(",", -1);
    if (cells.length != columns.size()) {
      throw new ReactionContextException(
          file + ", line " + line + ": " + cells.length + " cells: expected " + columns.size());
    }
    ReactionSystem system = system(line, cells);
    double[] state = new double[SPECIES];
    for (int i = 0; i < SPECIES; i++) {
      state[i] = number(line, species(i), cells);
      if (state[i] < 0) {
        throw unsound(line, species(i), cells, "a number, not below 0");
      }
    }
    double target = number(line, TARGET_COLUMN, cells);
    return new Row(
        system, cell(ID_COLUMN, cells), new ReactionContext(system.rates(), state, target));
  }

  private ReactionSystem system(int line, String[] cells) {
    Matcher matcher = SYSTEM.matcher(cell(SYSTEM_COLUMN, cells));
    int number = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
    if (number < 1 || number > ReactionSystem.all().size()) {
      throw unsound(line, SYSTEM_COLUMN, cells, "1 to 12, or system_01 to system_12");
    }
    return ReactionSystem.of(number);
  }

  private double number(int line, String column, String[] cells) {
    double number;
    try {
      number = Double.parseDouble(cell(column, cells));
    } catch (NumberFormatException notANumber) {
      throw unsound(line, column, cells, "a number");
    }
    if (!Float.isFinite((float) number)) {
      throw unsound(line, column, cells, "a finite number");
    }
    return number;
  }

  private String cell(String column, String[] cells) {
    Integer at = columns.get(column);
    if (at == null) {
      throw new IllegalStateException("no column " + column + " though the header was checked");
    }
    return cells[at].strip();
  }

  private ReactionContextException unsound(
      int line, String column, String[] cells, String expected) {
    return new ReactionContextException(
        "%s, line %d, column %s: got '%s', expected %s"
            .formatted(file, line, column, cell(column, cells), expected));
  }
}
