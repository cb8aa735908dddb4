// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReactionContextFileTest {
  private static final String STATES =
      IntStream.rangeClosed(1, 14).mapToObj(i -> "X" + i).collect(Collectors.joining(","));
  private static final String HEADER = "system,id,target,Y," + STATES;
  private static final String NUMBERS = "1,2,3,4,5,6,7,8,9,10,11,12,13,14";

  @TempDir private Path folder;

  @Test
  void shouldReadContextsWhenColumnsStandInAnyOrder() throws IOException {
    List<ReactionContextFile.Row> rows =
        read(
            "note,X14,target,Y,X1,X2,X3,X4,X5,X6,X7,X8,X9,X10,X11,X12,X13,id,system",
            "as it is,14,2.5,0,1,2,3,4,5,6,7,8,9,10,11,12,13,first,system_02",
            "",
            " ,14, 0.5 ,0,1,2,3,4,5,6,7,8,9,10,11,12,13e0,second,12");
    assertThat(rows).extracting(ReactionContextFile.Row::id).containsExactly("first", "second");
    assertThat(rows)
        .extracting(ReactionContextFile.Row::system)
        .containsExactly(ReactionSystem.of(2), ReactionSystem.of(12));
    assertThat(rows.get(0).context().state())
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
    assertThat(rows.get(0).context().target()).isEqualTo(2.5);
    assertThat(rows.get(1).context())
        .isEqualTo(
            new ReactionContext(ReactionSystem.of(12).rates(), rows.get(0).context().state(), 0.5));
  }

  @Test
  void shouldNameTheFileWhenThereIsNothingToRead() throws IOException {
    Path none = folder.resolve("none.csv");
    assertThatThrownBy(() -> ReactionContextFile.read(none))
        .isInstanceOf(ReactionContextException.class)
        .hasMessage(none + ": no such file");
    assertThatThrownBy(() -> ReactionContextFile.read(folder))
        .isInstanceOf(ReactionContextException.class)
        .hasMessageStartingWith(folder + ": not readable: ");
    refuses(": no header: expected a CSV file of contexts");
    refuses(": no contexts below the header", HEADER, "");
  }

  @Test
  void shouldNameTheColumnsWhenTheHeaderLacksSome() throws IOException {
    refuses(
        ", line 1: no column id, Y; got system,target," + STATES,
        "system,target," + STATES,
        "2,1," + NUMBERS);
    refuses(", line 1: column Y stands there twice", HEADER + ",Y", "2,a,1,0," + NUMBERS + ",0");
  }

  @Test
  void shouldNameLineAndColumnWhenACellIsUnsound() throws IOException {
    String sound = "2,a,1,0," + NUMBERS;
    refuses(
        ", line 3, column Y: got '-0.1', expected a number, not below 0",
        HEADER,
        sound,
        "2,b,1,-0.1," + NUMBERS);
    refuses(
        ", line 2, column target: got 'much', expected a number", HEADER, "2,b,much,0," + NUMBERS);
    refuses(
        ", line 2, column target: got 'NaN', expected a finite number",
        HEADER,
        "2,b,NaN,0," + NUMBERS);
    refuses(
        ", line 2, column system: got 'system_13', expected 1 to 12, or system_01 to system_12",
        HEADER,
        "system_13,b,1,0," + NUMBERS);
    refuses(
        ", line 2, column system: got '', expected 1 to 12, or system_01 to system_12",
        HEADER,
        ",b,1,0," + NUMBERS);
    refuses(", line 2: 17 cells: expected 18", HEADER, "2,1,0," + NUMBERS);
  }

  private List<ReactionContextFile.Row> read(String... lines) throws IOException {
    return ReactionContextFile.read(Files.write(folder.resolve("c.csv"), List.of(lines)));
  }

  private void refuses(String message, String... lines) throws IOException {
    Path file = Files.write(folder.resolve("c.csv"), List.of(lines));
    assertThatThrownBy(() -> ReactionContextFile.read(file))
        .isInstanceOf(ReactionContextException.class)
        .hasMessage(file + message);
  }
}
