// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.favstream.infra.report.Pictures.elements;
import static org.favstream.infra.report.Pictures.points;
import static org.favstream.infra.report.Pictures.texts;

import java.util.List;
import org.favstream.infra.report.SvgCurves.Chart;
import org.favstream.infra.report.SvgCurves.Curve;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class SvgCurvesTest {
  private static final Curve RISING =
      new Curve("a < b", new double[] {0, 50, 100}, new double[] {1, 2, 3});
  private static final Curve FALLING = new Curve("b", new double[] {0, 100}, new double[] {3, 1});

  @Test
  void shouldNameTheChartItsAxesAndItsCurves() throws Exception {
    Document picture =
        Pictures.parsed(
            SvgCurves.of(List.of(new Chart("kl & co", "step", "nats", List.of(RISING, FALLING)))));
    assertThat(texts(picture))
        .contains("kl & co", "step", "nats", "a < b", "b", "0", "20", "100", "1", "3");
    assertThat(elements(picture, "polyline"))
        .extracting(line -> line.getAttribute("stroke"))
        .hasSize(2)
        .doesNotHaveDuplicates();
  }

  @Test
  void shouldDrawAllCurvesOfAChartOnTheSameAxes() throws Exception {
    Document picture =
        Pictures.parsed(SvgCurves.of(List.of(new Chart("", "", "", List.of(RISING, FALLING)))));
    List<double[]> rising = points(elements(picture, "polyline").get(0));
    List<double[]> falling = points(elements(picture, "polyline").get(1));
    assertThat(rising).hasSize(3);
    assertThat(rising.get(2)[0]).isGreaterThan(rising.get(0)[0]).isEqualTo(falling.get(1)[0]);
    assertThat(rising.get(2)[1]).isLessThan(rising.get(0)[1]).isEqualTo(falling.get(0)[1]);
    assertThat(rising.get(0)[1]).isEqualTo(falling.get(1)[1]);
  }

  @Test
  void shouldGiveEachChartItsOwnAxesAndPlace() throws Exception {
    Curve large = new Curve("a", new double[] {0, 1}, new double[] {0, 1e6});
    Document picture =
        Pictures.parsed(
            SvgCurves.of(
                List.of(
                    new Chart("one", "", "", List.of(RISING)),
                    new Chart("two", "", "", List.of(large)),
                    new Chart("three", "", "", List.of(RISING)))));
    assertThat(elements(picture, "g"))
        .extracting(group -> group.getAttribute("transform"))
        .containsExactly("translate(0 0)", "translate(460 0)", "translate(0 290)");
    assertThat(picture.getDocumentElement().getAttribute("width")).isEqualTo("920");
    assertThat(picture.getDocumentElement().getAttribute("height")).isEqualTo("580");
    assertThat(texts(picture)).contains("1000000", "3");
  }

  @Test
  void shouldStandCurvesWithOnePointOrNoneOrNumbersThatAreNotFinite() throws Exception {
    double[] broken = {Double.NaN, 1, Double.POSITIVE_INFINITY};
    String svg =
        SvgCurves.of(
            List.of(
                new Chart(
                    "odd",
                    "",
                    "",
                    List.of(
                        new Curve("point", new double[] {3}, new double[] {4}),
                        new Curve("none", new double[0], new double[0]),
                        new Curve("broken", new double[] {0, 1, 2}, broken)))));
    assertThat(texts(Pictures.parsed(svg))).contains("point", "none", "broken");
    assertThat(svg).doesNotContain("NaN").doesNotContain("Infinity");
    assertThat(Pictures.parsed(SvgCurves.of(List.of())).getDocumentElement().getTagName())
        .isEqualTo("svg");
  }
}
