// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchPictureTest {
  private static final Pattern LINE = Pattern.compile("<polyline[^>]* points=\"([^\"]*)\"");

  private final WatchPicture picture = new WatchPicture();

  private void add(long version, double activation, double proxy, double gold) {
    picture.add(
        version,
        Map.of(
            "watch.activation", activation,
            "watch.proxy", proxy,
            "watch.gold", gold,
            "watch.referenceDistance", version / 10.0));
  }

  private String svg() {
    return picture.svg(number -> "r" + number + "@1");
  }

  /** How many points each line has. */
  private static List<Integer> points(String svg) {
    return LINE.matcher(svg)
        .results()
        .map(found -> found.group(1).trim().split(" ", -1).length)
        .toList();
  }

  @Test
  void shouldDrawBothRewardsAndTheDistanceOverVersions() {
    add(4, 0, 1, 2);
    add(8, 0, 2, 3);
    add(12, 0, 3, 2.5);
    assertThat(svg())
        .contains(">active reward<", ">gold reward<", ">distance<", ">weights version<")
        .doesNotContain("swap");
    assertThat(points(svg())).containsExactly(3, 3, 3);
  }

  @Test
  void shouldDrawChartsOfTheirOwnWhereTheScalesAreFarApart() {
    add(4, 0, 1, -200);
    add(8, 1, 2, -300);
    add(12, 1, 3, -250);
    assertThat(svg())
        .contains(">Active reward<", ">Gold reward<", ">Distance to the reference<")
        .doesNotContain("against");
    assertThat(points(svg())).describedAs("each with its mark").containsExactly(3, 3, 3, 3, 3);
  }

  @Test
  void shouldMarkWhereTheRewardWasSwapped() {
    add(4, 0, 1, 2);
    add(8, 1, 2, 3);
    add(12, 1, 3, 2.5);
    add(16, 2, 1, 3);
    assertThat(svg()).contains(">swap<", "(r1@1 from 8, r2@1 from 16)");
    List<String> xs =
        Arrays.stream(LINE.matcher(svg()).results().toList().get(2).group(1).trim().split(" ", -1))
            .map(point -> point.substring(0, point.indexOf(',')))
            .toList();
    assertThat(xs).describedAs("up and down at each of the two").hasSize(6);
    assertThat(xs.subList(0, 3)).containsOnly(xs.get(0)).doesNotContain(xs.get(3));
    assertThat(xs.subList(3, 6)).containsOnly(xs.get(3));
  }

  @Test
  void shouldNameTheLastSwapsWhereThereIsNoRoomForAll() {
    for (int i = 0; i < 9; i++) {
      add(i, i, 1, 2);
    }
    assertThat(svg()).contains("(…, ", "r8@1 from 8)").doesNotContain("r1@1");
  }

  @Test
  void shouldForgetVersionsThatAResumedRunMadeAnew() {
    add(4, 0, 1, 2);
    add(8, 0, 2, 3);
    add(12, 0, 3, 4);
    add(7, 0, 9, 9);
    assertThat(points(svg())).containsExactly(2, 2, 2);
  }

  @Test
  void shouldReadWhatStandsInTheMetrics(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    picture.read(file);
    assertThat(picture.isEmpty()).describedAs("no file, no reading").isTrue();
    Files.writeString(
        file,
        """
        {"t":1,"step":3,"version":1,"lag":0,"alarms":0}
        {"t":1,"step":3,"version":1,"metrics":{"kl":1}}
        {"t":2,"step":6,"version":2,"metrics":{"watch":{"activation":0,"proxy":1,"gold":null,"goldStd":1,"referenceDistance":0.5}}}
        {"t":2,"ste
        {"t":3,"step":9,"version":3,"metrics":{"watch":{"activation":0,"proxy":2,"gold":1,"goldStd":1,"referenceDistance":0.6}}}
        """);
    picture.read(file);
    assertThat(points(svg()))
        .describedAs("what is not finite is left out")
        .containsExactly(2, 1, 2);
  }
}
