// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.report;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.favstream.reward.evaluation.Panel;

/**
 * Panels side by side, three a row, as SVG. It is text, so it needs neither fonts nor a display on
 * the machine that makes it. Panels of points share their axes; panels of lines have their own.
 */
public final class SvgPicture {
  private static final int COLUMNS = 3;
  private static final int SIZE = 300;
  private static final int LEFT = 44;
  private static final int TOP = 30;
  private static final int RIGHT = 10;
  private static final int BOTTOM = 30;
  private static final double MARGIN = 0.05;
  private static final List<String> COLOURS =
      List.of("#3b6fb6", "#b0b0b0", "#d1495b", "#2a9d5c", "#8a5fbf");
  private static final String POINT_COLOUR = "#3b6fb6";

  private record Range(double low, double high) {
    static Range of(List<Panel> panels, Function<Panel.Series, double[]> axis) {
      double[] all =
          panels.stream()
              .flatMap(panel -> panel.series().stream())
              .map(axis)
              .flatMapToDouble(DoubleStream::of)
              .filter(Double::isFinite)
              .toArray();
      double low = DoubleStream.of(all).min().orElse(0);
      double high = DoubleStream.of(all).max().orElse(1);
      double margin = high > low ? MARGIN * (high - low) : 0.5;
      return new Range(low - margin, high + margin);
    }

    double share(double value) {
      return (value - low) / (high - low);
    }
  }

  private SvgPicture() {}

  /** The picture of these panels. */
  public static String of(List<Panel> panels) {
    int rows = (panels.size() + COLUMNS - 1) / COLUMNS;
    int columns = Math.min(COLUMNS, panels.size());
    StringBuilder svg = new StringBuilder();
    svg.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                + " font-family=\"sans-serif\" font-size=\"11\">\n",
            columns * SIZE, rows * SIZE, columns * SIZE, rows * SIZE));
    svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    for (int i = 0; i < panels.size(); i++) {
      boolean lines = panels.get(i).series().stream().anyMatch(Panel.Series::line);
      List<Panel> scale = lines ? List.of(panels.get(i)) : panels;
      svg.append(
          format("<g transform=\"translate(%d %d)\">\n", i % COLUMNS * SIZE, i / COLUMNS * SIZE));
      panel(svg, panels.get(i), Range.of(scale, Panel.Series::x), Range.of(scale, Panel.Series::y));
      svg.append("</g>\n");
    }
    return svg.append("</svg>\n").toString();
  }

  private static void panel(StringBuilder svg, Panel panel, Range x, Range y) {
    int width = SIZE - LEFT - RIGHT;
    int height = SIZE - TOP - BOTTOM;
    svg.append(
        format(
            "<text x=\"%d\" y=\"20\" font-size=\"13\" font-weight=\"bold\">%s</text>\n",
            LEFT, escaped(panel.title())));
    svg.append(
        format(
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#888\"/>\n",
            LEFT, TOP, width, height));
    for (int tick = 0; tick <= 2; tick++) {
      double share = tick / 2.0;
      svg.append(
          format(
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#555\">%s</text>\n",
              LEFT + share * width, SIZE - BOTTOM + 15, number(x.low + share * (x.high - x.low))));
      svg.append(
          format(
              "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"#555\">%s</text>\n",
              LEFT - 5, TOP + (1 - share) * height + 4, number(y.low + share * (y.high - y.low))));
    }
    int colour = 0;
    for (Panel.Series series : panel.series()) {
      if (series.line()) {
        line(svg, series, x, y, COLOURS.get(colour % COLOURS.size()), colour);
        colour++;
      } else {
        points(svg, series, x, y);
      }
    }
  }

  private static void points(StringBuilder svg, Panel.Series series, Range x, Range y) {
    // One path of dots: a few thousand circles would make the file ten times as large.
    svg.append(
        format(
            "<path stroke=\"%s\" stroke-width=\"2\" stroke-linecap=\"round\" stroke-opacity=\"0.45\" fill=\"none\" d=\"",
            POINT_COLOUR));
    for (int i = 0; i < series.x().length; i++) {
      svg.append(format("M%.1f %.1fh0", across(x, series.x()[i]), down(y, series.y()[i])));
    }
    svg.append("\"/>\n");
  }

  private static void line(
      StringBuilder svg, Panel.Series series, Range x, Range y, String colour, int place) {
    svg.append(
        format("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.8\" points=\"", colour));
    for (int i = 0; i < series.x().length; i++) {
      svg.append(format("%.1f,%.1f ", across(x, series.x()[i]), down(y, series.y()[i])));
    }
    svg.append("\"/>\n");
    svg.append(
        format(
            "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>\n",
            LEFT + 8, TOP + 16 + 14 * place, colour, escaped(series.label())));
  }

  private static double across(Range x, double value) {
    return LEFT + x.share(value) * (SIZE - LEFT - RIGHT);
  }

  private static double down(Range y, double value) {
    return TOP + (1 - y.share(value)) * (SIZE - TOP - BOTTOM);
  }

  private static String number(double value) {
    return format(Math.abs(value) >= 100 ? "%.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }

  private static String format(String template, Object... values) {
    return String.format(Locale.ROOT, template, values);
  }
}
