// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.report;

import java.util.List;
import java.util.function.Function;
import org.favstream.reward.evaluation.Panel;

/**
 * Panels side by side, three a row, as SVG. It is text, so it needs neither fonts nor a display on
 * the machine that makes it. Panels of points share their axes; panels of lines have their own.
 */
public final class SvgPicture {
  private static final int COLUMNS = 3;
  private static final int SIZE = 300;
  private static final int TOP = 30;
  private static final String POINT_COLOUR = "#3b6fb6";

  private SvgPicture() {}

  /** The picture of these panels. */
  public static String of(List<Panel> panels) {
    int rows = (panels.size() + COLUMNS - 1) / COLUMNS;
    int columns = Math.min(COLUMNS, panels.size());
    StringBuilder svg = new StringBuilder(SvgAxes.open(columns * SIZE, rows * SIZE));
    for (int i = 0; i < panels.size(); i++) {
      boolean lines = panels.get(i).series().stream().anyMatch(Panel.Series::line);
      List<Panel> scale = lines ? List.of(panels.get(i)) : panels;
      svg.append(
          SvgAxes.format(
              "<g transform=\"translate(%d %d)\">\n", i % COLUMNS * SIZE, i / COLUMNS * SIZE));
      panel(
          svg,
          panels.get(i),
          new SvgAxes(
              SIZE, SIZE, TOP, range(scale, Panel.Series::x), range(scale, Panel.Series::y)));
      svg.append("</g>\n");
    }
    return svg.append("</svg>\n").toString();
  }

  private static SvgAxes.Range range(List<Panel> panels, Function<Panel.Series, double[]> axis) {
    return SvgAxes.Range.of(panels.stream().flatMap(panel -> panel.series().stream()).map(axis));
  }

  private static void panel(StringBuilder svg, Panel panel, SvgAxes axes) {
    axes.draw(svg, panel.title(), panel.across(), panel.up());
    int place = 0;
    for (Panel.Series series : panel.series()) {
      if (series.line()) {
        String colour = SvgAxes.COLOURS.get(place % SvgAxes.COLOURS.size());
        axes.line(svg, series.x(), series.y(), colour);
        svg.append(
            SvgAxes.format(
                "<text x=\"%d\" y=\"%d\" fill=\"%s\" stroke=\"white\" stroke-width=\"3\" paint-order=\"stroke\">%s</text>\n",
                SvgAxes.LEFT + 8, TOP + 16 + 14 * place, colour, SvgAxes.escaped(series.label())));
        place++;
      } else {
        axes.dots(
            svg,
            series.x(),
            series.y(),
            POINT_COLOUR,
            "stroke-width=\"2\" stroke-opacity=\"0.45\"");
      }
    }
  }
}
