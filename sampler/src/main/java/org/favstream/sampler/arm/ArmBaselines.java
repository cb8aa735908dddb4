// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import java.nio.file.Path;
import java.util.List;

/**
 * What a target's score is measured against: the competition's own LQR, and no control at all.
 *
 * @param deviation root mean square distance of the LQR from the target, in m
 * @param control root mean square size of the LQR's control
 * @param zeroDeviation root mean square distance without control, in m
 */
public record ArmBaselines(double deviation, double control, double zeroDeviation) {
  private static final double MOST = 100;

  /** The score of no control, twice: the power is chosen so that half of it is 100. */
  private static final double ZERO = 200;

  /**
   * Reads the columns {@code controller,deviation,controlcost} of the rows {@code lqr} and {@code
   * zero}, which hold mean squares.
   *
   * @throws ArmTargetException where the file is unsound
   */
  static ArmBaselines read(Path file) {
    List<CsvTable.Row> rows =
        CsvTable.read(file, List.of("controller", "deviation", "controlcost")).rows();
    CsvTable.Row lqr = row(file, rows, "lqr");
    CsvTable.Row zero = row(file, rows, "zero");
    return new ArmBaselines(
        Math.sqrt(positive(lqr, "deviation")),
        Math.sqrt(positive(lqr, "controlcost")),
        Math.sqrt(positive(zero, "deviation")));
  }

  private static CsvTable.Row row(Path file, List<CsvTable.Row> rows, String controller) {
    return rows.stream()
        .filter(row -> row.text("controller").equals(controller))
        .findFirst()
        .orElseThrow(() -> new ArmTargetException(file + ": no row of controller " + controller));
  }

  private static double positive(CsvTable.Row row, String column) {
    double number = row.number(column);
    if (number <= 0) {
      throw row.unsound(column, "a number above 0");
    }
    return number;
  }

  /**
   * The competition's score: {@code min(100, ½ (dev/dev_lqr)^e + ½ ctrl/ctrl_lqr)} with {@code e =
   * ln 200 / (ln dev_zero - ln dev_lqr)}. 1 for the LQR, 100 for no control; lower is better.
   *
   * @param reached root mean square distance from the target, in m
   * @param used root mean square size of the control
   */
  public double score(double reached, double used) {
    double power = Math.log(ZERO) / (Math.log(zeroDeviation) - Math.log(deviation));
    return Math.min(MOST, 0.5 * Math.pow(reached / deviation, power) + 0.5 * used / control);
  }
}
