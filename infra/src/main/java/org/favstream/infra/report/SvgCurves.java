// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.report;

import java.util.List;
import java.util.stream.Stream;

/**
 * Charts of curves, two a row, as SVG; each has axes of its own. Like {@link SvgPicture} it needs
 * neither fonts nor a display.
 */
public final class SvgCurves {
  private static final int COLUMNS = 2;
  private static final int WIDTH = 460;
  private static final int HEIGHT = 290;
  private static final int TOP = 46;
  private static final int LEGEND = 36;

  /** Of a letter, about: the browser's font is not known. */
  private static final double LETTER_WIDTH = 6.2;

  /** The colour of curves that stand for nothing but the background is left out. */
  private static final List<String> COLOURS =
      SvgAxes.COLOURS.stream().filter(colour -> !colour.equals("#b0b0b0")).toList();

  /**
   * Points joined in their order; those that are not finite are left out.
   *
   * @param name in the legend
   * @param x of each point
   * @param y of each point
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never shared
  public record Curve(String name, double[] x, double[] y) {}

  /**
   * Curves on common axes.
   *
   * @param title above it
   * @param across name of the horizontal axis
   * @param up name of the vertical axis; empty for none
   * @param curves in it, drawn in this order
   */
  public record Chart(String title, String across, String up, List<Curve> curves) {
    public Chart {
      curves = List.copyOf(curves);
    }
  }

  private SvgCurves() {}

  /** The picture of these charts. */
  public static String of(List<Chart> charts) {
    int rows = (charts.size() + COLUMNS - 1) / COLUMNS;
    int columns = Math.min(COLUMNS, charts.size());
    StringBuilder svg = new StringBuilder(SvgAxes.open(columns * WIDTH, rows * HEIGHT));
    for (int i = 0; i < charts.size(); i++) {
      svg.append(
          SvgAxes.format(
              "<g transform=\"translate(%d %d)\">\n", i % COLUMNS * WIDTH, i / COLUMNS * HEIGHT));
      chart(svg, charts.get(i));
      svg.append("</g>\n");
    }
    return svg.append("</svg>\n").toString();
  }

  private static void chart(StringBuilder svg, Chart chart) {
    Stream<double[]> xs = chart.curves().stream().map(Curve::x);
    Stream<double[]> ys = chart.curves().stream().map(Curve::y);
    SvgAxes axes = new SvgAxes(WIDTH, HEIGHT, TOP, SvgAxes.Range.of(xs), SvgAxes.Range.of(ys));
    axes.draw(svg, chart.title(), chart.across(), chart.up());
    double legend = SvgAxes.LEFT;
    for (int i = 0; i < chart.curves().size(); i++) {
      Curve curve = chart.curves().get(i);
      String colour = COLOURS.get(i % COLOURS.size());
      axes.line(svg, curve.x(), curve.y(), colour);
      axes.dots(svg, curve.x(), curve.y(), colour, "stroke-width=\"4\"");
      svg.append(
          SvgAxes.format(
              "<path d=\"M%.1f %dh16\" stroke=\"%s\" stroke-width=\"3\"/><text x=\"%.1f\" y=\"%d\">%s</text>\n",
              legend, LEGEND - 4, colour, legend + 20, LEGEND, SvgAxes.escaped(curve.name())));
      legend += 36 + LETTER_WIDTH * curve.name().length();
    }
  }
}
