// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.config.JobConfig;
import org.junit.jupiter.api.Test;

class KafkaConnectionTest {
  private static final Map<String, String> PRODUCER_DEFAULTS =
      Map.of(
          "acks", "all",
          "enable.idempotence", "true",
          "batch.size", "262144",
          "linger.ms", "1",
          "max.request.size", "8388608",
          "buffer.memory", "67108864");

  private static KafkaConnection connection(String kafka, String... overrides) {
    Config job = ConfigFactory.parseString("kafka { " + kafka + " }");
    return JobConfig.complete(job, List.of(overrides))
        .read(all -> KafkaConnection.of("host:1,host:2", all));
  }

  @Test
  void shouldHaveOurDefaultsWhenTheJobSaysNothing() {
    KafkaConnection connection = connection("");
    assertThat(connection.bootstrapServers()).isEqualTo("host:1,host:2");
    assertThat(connection.common()).isEmpty();
    assertThat(connection.producer()).isEqualTo(PRODUCER_DEFAULTS);
    assertThat(connection.consumer())
        .isEqualTo(Map.of("max.partition.fetch.bytes", "8388608", "fetch.max.wait.ms", "250"));
  }

  @Test
  void shouldFlattenTheNamesWhenTheyAreQuotedNestedOrPlain() {
    KafkaConnection connection =
        connection(
            """
            client {
              "security.protocol" = SASL_SSL
              sasl { mechanism = PLAIN }
              ssl.keystore.location = "/etc/k:1"
            }
            consumer { "max.poll.records" = 10, check.crcs = false }
            """,
            "kafka.client.ssl.keystore.type=PKCS12");
    assertThat(connection.common())
        .isEqualTo(
            Map.of(
                "security.protocol", "SASL_SSL",
                "sasl.mechanism", "PLAIN",
                "ssl.keystore.location", "/etc/k:1",
                "ssl.keystore.type", "PKCS12"));
    assertThat(connection.consumer())
        .containsEntry("max.poll.records", "10")
        .containsEntry("check.crcs", "false")
        .containsEntry("fetch.max.wait.ms", "250");
  }

  @Test
  void shouldPreferTheJobWhenADefaultIsSpelledTheOtherWay() {
    String plain = String.join(" = 5\n", PRODUCER_DEFAULTS.keySet()) + " = 5";
    assertThat(connection("producer { %s }".formatted(plain)).producer())
        .hasSize(PRODUCER_DEFAULTS.size())
        .allSatisfy((name, value) -> assertThat(value).describedAs(name).isEqualTo("5"));
    assertThat(connection("", "kafka.producer.\"linger.ms\"=6", "kafka.producer.acks=1").producer())
        .containsEntry("linger.ms", "6")
        .containsEntry("acks", "1")
        .containsEntry("batch.size", "262144");
  }

  @Test
  void shouldRefuseANameWhenItHasTwoSpellingsAndTwoValues() {
    assertThatThrownBy(
            () -> connection("producer { \"linger.ms\" = 5 }", "kafka.producer.linger.ms=6"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("linger.ms")
        .hasMessageContaining("both 5 and 6");
  }

  @Test
  void shouldRefuseAListWhenTextIsExpected() {
    assertThatThrownBy(() -> connection("client { \"ssl.enabled.protocols\" = [a, b] }"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("ssl.enabled.protocols");
  }

  @Test
  void shouldPassTheSettingsOnWhenABareClientIsMade() {
    KafkaConnection connection =
        connection("client { \"client.rack\" = r1, retries = 1 }, producer { retries = 2 }");
    assertThat(connection.admin())
        .isEqualTo(
            Map.of("bootstrap.servers", "host:1,host:2", "client.rack", "r1", "retries", "1"));
    assertThat(connection.producerProperties())
        .containsEntry("bootstrap.servers", "host:1,host:2")
        .containsEntry("client.rack", "r1")
        .containsEntry("retries", "2")
        .containsEntry("acks", "all")
        .containsEntry("key.serializer", StringSerializer.class)
        .containsEntry("value.serializer", ByteArraySerializer.class);
  }

  @Test
  void shouldReadOnlyWhatIsCommittedWhenASettingSaysOtherwise() {
    KafkaConnection connection =
        connection(
            """
            client { "client.rack" = r1 }
            consumer { "isolation.level" = read_uncommitted, "enable.auto.commit" = true
                       "auto.offset.reset" = latest, "fetch.max.wait.ms" = 9 }
            """);
    Map<String, Object> grouped = connection.consumerProperties("rewards");
    Map<String, Object> alone = connection.consumerProperties();
    assertThat(List.of(grouped, alone))
        .allSatisfy(
            settings ->
                assertThat(settings)
                    .containsEntry("bootstrap.servers", "host:1,host:2")
                    .containsEntry("client.rack", "r1")
                    .containsEntry("fetch.max.wait.ms", "9")
                    .containsEntry("isolation.level", "read_committed")
                    .containsEntry("enable.auto.commit", "false")
                    .containsEntry("auto.offset.reset", "earliest"));
    assertThat(grouped)
        .containsEntry("group.id", "rewards")
        .containsEntry("group.protocol", "consumer");
    assertThat(alone).doesNotContainKeys("group.protocol", "group.id");
  }
}
