// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.favstream.infra.report.Pictures.elements;
import static org.favstream.infra.report.Pictures.points;
import static org.favstream.infra.report.Pictures.texts;

import java.io.IOException;
import java.util.List;
import javax.xml.parsers.ParserConfigurationException;
import org.favstream.reward.evaluation.Panel;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.SAXException;

class SvgPictureTest {

  private static Document drawn(Panel... panels)
      throws ParserConfigurationException, IOException, SAXException {
    return Pictures.parsed(SvgPicture.of(List.of(panels)));
  }

  private static Panel.Series line(String label, double[] x, double[] y) {
    return new Panel.Series(label, true, x, y);
  }

  @Test
  void shouldNameThePanelItsAxesAndItsLines() throws Exception {
    Document picture =
        drawn(
            new Panel(
                "a < b & c",
                "time",
                "yield",
                List.of(
                    line("one", new double[] {0, 80}, new double[] {0, 1}),
                    line("two", new double[] {0, 80}, new double[] {1, 0}))));

    assertThat(texts(picture)).contains("a < b & c", "time", "yield", "one", "two");
    assertThat(texts(picture)).contains("0", "20", "40", "60", "80", "0.2", "0.8");
    assertThat(elements(picture, "polyline")).hasSize(2);
  }

  @Test
  void shouldDrawLargerValuesHigherAndFartherRight() throws Exception {
    Document picture =
        drawn(
            new Panel(
                "", "", "", List.of(line("", new double[] {0, 1, 2}, new double[] {0, 5, 10}))));
    List<double[]> points = points(elements(picture, "polyline").get(0));
    double[] first = points.get(0);
    double[] last = points.get(2);

    assertThat(last[0]).isGreaterThan(first[0]);
    assertThat(last[1]).isLessThan(first[1]);
  }

  @Test
  void shouldLeaveOutWhatIsNotFiniteAndStandEmptyPanels() throws Exception {
    double[] broken = {Double.NaN, 1, Double.POSITIVE_INFINITY};
    Document picture =
        drawn(
            new Panel(
                "points",
                "x",
                "y",
                List.of(new Panel.Series("", false, broken, new double[] {0, 1, 2}))),
            new Panel("line", "x", "y", List.of(line("", new double[] {0, 1, 2}, broken))),
            new Panel("empty", "x", "y", List.of(line("", new double[0], new double[0]))));

    assertThat(texts(picture)).contains("points", "line", "empty");
    assertThat(SvgPicture.of(List.of(new Panel("", "", "", List.of(line("", broken, broken))))))
        .doesNotContain("NaN")
        .doesNotContain("Infinity");
    assertThat(elements(picture, "polyline").get(0).getAttribute("points").trim().split(" ", -1))
        .hasSize(1);
  }
}
