// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.HexFormat;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds the bytes of earlier builds readable. A line of {@code golden-records.properties} is never
 * changed; when a schema grows, the bytes of the grown record join under a new name.
 */
class GoldenRecordsTest {

  @TestFactory
  Stream<DynamicTest> shouldReadTheBytesOfEarlierBuilds() throws Exception {
    Properties golden = golden();
    return Records.all().entrySet().stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey(),
                    () -> {
                      byte[] bytes =
                          HexFormat.of().parseHex(golden.getProperty(entry.getKey(), ""));
                      assertThat(bytes)
                          .describedAs(
                              "golden bytes; of this build: %s=%s",
                              entry.getKey(), HexFormat.of().formatHex(entry.getValue().bytes()))
                          .isNotEmpty();
                      assertThat((Object) entry.getValue().decode(bytes))
                          .isEqualTo(entry.getValue().value());
                    }));
  }

  @Test
  void shouldCoverEveryLineWhenGoldenBytesAreKept() throws Exception {
    assertThat(golden().stringPropertyNames()).isEqualTo(Records.all().keySet());
  }

  private static Properties golden() throws Exception {
    Properties golden = new Properties();
    try (InputStream in =
        GoldenRecordsTest.class.getResourceAsStream("golden-records.properties")) {
      golden.load(in);
    }
    return golden;
  }
}
