// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
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
  private static final int BOTTOM = 34;
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

    /** Round numbers within, 3 to 7 of them. */
    double[] ticks() {
      double step = Math.pow(10, Math.floor(Math.log10((high - low) / 2)));
      while ((high - low) / step > 6) {
        step *= (high - low) / step > 12 ? 5 : 2;
      }
      double unit = step;
      return LongStream.rangeClosed((long) Math.ceil(low / unit), (long) Math.floor(high / unit))
          .mapToDouble(multiple -> multiple * unit)
          .toArray();
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
    for (double tick : x.ticks()) {
      svg.append(
          format(
              "<path d=\"M%.1f %dv%d\" stroke=\"#eee\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#555\">%s</text>\n",
              across(x, tick), TOP, height, across(x, tick), SIZE - BOTTOM + 14, number(tick)));
    }
    for (double tick : y.ticks()) {
      svg.append(
          format(
              "<path d=\"M%d %.1fh%d\" stroke=\"#eee\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"#555\">%s</text>\n",
              LEFT, down(y, tick), width, LEFT - 5, down(y, tick) + 4, number(tick)));
    }
    svg.append(
        format(
            "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#555\">%s</text>\n",
            SIZE - RIGHT, SIZE - 3, escaped(panel.across())));
    svg.append(
        format(
            "<text transform=\"translate(12 %d) rotate(-90)\" text-anchor=\"end\" fill=\"#555\">%s</text>\n",
            TOP, escaped(panel.up())));
    svg.append(
        format(
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#888\"/>\n",
            LEFT, TOP, width, height));
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
      if (finite(series, i)) {
        svg.append(format("M%.1f %.1fh0", across(x, series.x()[i]), down(y, series.y()[i])));
      }
    }
    svg.append("\"/>\n");
  }

  private static void line(
      StringBuilder svg, Panel.Series series, Range x, Range y, String colour, int place) {
    svg.append(
        format("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.8\" points=\"", colour));
    for (int i = 0; i < series.x().length; i++) {
      if (finite(series, i)) {
        svg.append(format("%.1f,%.1f ", across(x, series.x()[i]), down(y, series.y()[i])));
      }
    }
    svg.append("\"/>\n");
    svg.append(
        format(
            "<text x=\"%d\" y=\"%d\" fill=\"%s\" stroke=\"white\" stroke-width=\"3\" paint-order=\"stroke\">%s</text>\n",
            LEFT + 8, TOP + 16 + 14 * place, colour, escaped(series.label())));
  }

  private static boolean finite(Panel.Series series, int i) {
    return Double.isFinite(series.x()[i]) && Double.isFinite(series.y()[i]);
  }

  private static double across(Range x, double value) {
    return LEFT + x.share(value) * (SIZE - LEFT - RIGHT);
  }

  private static double down(Range y, double value) {
    return TOP + (1 - y.share(value)) * (SIZE - TOP - BOTTOM);
  }

  private static String number(double value) {
    return BigDecimal.valueOf(value).round(new MathContext(6)).stripTrailingZeros().toPlainString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }

  private static String format(String template, Object... values) {
    return String.format(Locale.ROOT, template, values);
  }
}
