// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The axes of one drawing: frame, ticks and names, and where a point stands on it.
 *
 * @param width of the drawing with its margins
 * @param height of the drawing with its margins
 * @param top margin above the frame
 */
record SvgAxes(int width, int height, int top, Range x, Range y) {
  static final List<String> COLOURS =
      List.of("#3b6fb6", "#b0b0b0", "#d1495b", "#2a9d5c", "#8a5fbf");
  static final int LEFT = 44;
  static final int RIGHT = 10;
  private static final int BOTTOM = 34;
  private static final double MARGIN = 0.05;

  /** What an axis spans. */
  record Range(double low, double high) {

    /** A little more than the finite ones of these numbers. */
    static Range of(Stream<double[]> numbers) {
      double[] all = numbers.flatMapToDouble(DoubleStream::of).filter(Double::isFinite).toArray();
      double low = DoubleStream.of(all).min().orElse(0);
      double high = DoubleStream.of(all).max().orElse(1);
      double margin = high > low ? MARGIN * (high - low) : 0.5;
      return new Range(low - margin, high + margin);
    }

    private double share(double value) {
      return (value - low) / (high - low);
    }

    /** Round numbers within, 3 to 7 of them. */
    private double[] ticks() {
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

  /** The beginning of a picture. */
  static String open(int width, int height) {
    return format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
            + " font-family=\"sans-serif\" font-size=\"11\">\n"
            + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
        width, height, width, height);
  }

  /** Draws them. */
  void draw(StringBuilder svg, String title, String across, String up) {
    int inner = height - top - BOTTOM;
    svg.append(
        format(
            "<text x=\"%d\" y=\"20\" font-size=\"13\" font-weight=\"bold\">%s</text>\n",
            LEFT, escaped(title)));
    for (double tick : x.ticks()) {
      svg.append(
          format(
              "<path d=\"M%.1f %dv%d\" stroke=\"#eee\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#555\">%s</text>\n",
              across(tick), top, inner, across(tick), height - BOTTOM + 14, number(tick)));
    }
    for (double tick : y.ticks()) {
      svg.append(
          format(
              "<path d=\"M%d %.1fh%d\" stroke=\"#eee\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"#555\">%s</text>\n",
              LEFT, down(tick), width - LEFT - RIGHT, LEFT - 5, down(tick) + 4, number(tick)));
    }
    svg.append(
        format(
            "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#555\">%s</text>\n",
            width - RIGHT, height - 3, escaped(across)));
    svg.append(
        format(
            "<text transform=\"translate(12 %d) rotate(-90)\" text-anchor=\"end\" fill=\"#555\">%s</text>\n",
            top, escaped(up)));
    svg.append(
        format(
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#888\"/>\n",
            LEFT, top, width - LEFT - RIGHT, inner));
  }

  /** A line through the points that are finite. */
  void line(StringBuilder svg, double[] xs, double[] ys, String colour) {
    svg.append(
        format("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.8\" points=\"", colour));
    for (int i = 0; i < xs.length; i++) {
      if (finite(xs[i], ys[i])) {
        svg.append(format("%.1f,%.1f ", across(xs[i]), down(ys[i])));
      }
    }
    svg.append("\"/>\n");
  }

  /** Dots at the points that are finite: one path, since thousands of circles would be large. */
  void dots(StringBuilder svg, double[] xs, double[] ys, String colour, String style) {
    svg.append(
        format(
            "<path stroke=\"%s\" stroke-linecap=\"round\" fill=\"none\" %s d=\"", colour, style));
    for (int i = 0; i < xs.length; i++) {
      if (finite(xs[i], ys[i])) {
        svg.append(format("M%.1f %.1fh0", across(xs[i]), down(ys[i])));
      }
    }
    svg.append("\"/>\n");
  }

  private static boolean finite(double x, double y) {
    return Double.isFinite(x) && Double.isFinite(y);
  }

  private double across(double value) {
    return LEFT + x.share(value) * (width - LEFT - RIGHT);
  }

  private double down(double value) {
    return top + (1 - y.share(value)) * (height - top - BOTTOM);
  }

  private static String number(double value) {
    return BigDecimal.valueOf(value).round(new MathContext(6)).stripTrailingZeros().toPlainString();
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }

  static String format(String template, Object... values) {
    return String.format(Locale.ROOT, template, values);
  }
}
