// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.favstream.protocol.Noise;
import org.favstream.reward.model.RewardModel;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Meets the figures that scipy and numpy give ({@code backtest/reference.py} makes them). */
class BacktestReferenceTest {

  @TestFactory
  List<DynamicTest> shouldMeetTheFigures() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    try (InputStream in = getClass().getResourceAsStream("/backtest/reference.json")) {
      for (JsonNode one : new ObjectMapper().readTree(Objects.requireNonNull(in))) {
        tests.add(DynamicTest.dynamicTest(one.get("name").asText(), () -> assertMeets(one)));
      }
    }
    assertThat(tests).hasSize(4);
    return tests;
  }

  private static void assertMeets(JsonNode one) {
    Backtest backtest = new Backtest();
    for (JsonNode block : one.get("blocks")) {
      int numbers = block.get("contexts").asInt() * block.get("particles").asInt();
      backtest.add(
          new RewardModel.Block(
              block.get("contexts").asInt(),
              block.get("particles").asInt(),
              block.get("d").asInt(),
              new float[numbers * block.get("d").asInt()],
              new float[0],
              new Noise(0, 0)),
          rewards(block.get("active")),
          rewards(block.get("candidate")));
    }
    JsonNode got = backtest.result().toJson();
    for (Map.Entry<String, JsonNode> figure : one.get("expected").properties()) {
      JsonNode value = got.get(figure.getKey());
      if (figure.getValue().isNumber()) {
        assertThat(value.doubleValue())
            .describedAs(figure.getKey())
            .isCloseTo(figure.getValue().doubleValue(), within(1e-7)); // cosines are kept as float
      } else {
        for (String part : List.of("edges", "active", "candidate")) {
          assertThat(doubles(value.get(part)))
              .describedAs(part)
              .containsExactly(doubles(figure.getValue().get(part)), within(1e-12));
        }
      }
    }
  }

  private static RewardModel.Rewards rewards(JsonNode node) {
    return new RewardModel.Rewards(floats(node.get("values")), floats(node.get("gradients")));
  }

  private static float[] floats(JsonNode numbers) {
    double[] doubles = doubles(numbers);
    float[] floats = new float[doubles.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) doubles[i];
    }
    return floats;
  }

  private static double[] doubles(JsonNode numbers) {
    return StreamSupport.stream(numbers.spliterator(), false)
        .mapToDouble(number -> Double.parseDouble(number.asText()))
        .toArray();
  }
}
