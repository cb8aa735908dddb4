// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValueType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs against the {@code reference.conf} of this module, which is the only one here. */
class JobConfigTest {
  private static final Config EMPTY = ConfigFactory.empty();

  private enum Floor {
    NONE,
    NO_PRIOR
  }

  private static Config parsed(String job) {
    return ConfigFactory.parseString(
        job, ConfigParseOptions.defaults().setOriginDescription("the-job.conf"));
  }

  private static JobConfig complete(String job, String... overrides) {
    return JobConfig.complete(parsed(job), List.of(overrides));
  }

  private static String text(JobConfig config, String key) {
    return config.read(complete -> complete.getString(key));
  }

  private static int number(JobConfig config, String key) {
    return config.read(complete -> complete.getInt(key));
  }

  @Test
  void shouldTakeTheDefaultsWhenTheJobSaysNothing() {
    JobConfig config = complete("");
    assertThat(number(config, "engine.threads")).isEqualTo(1);
    assertThat(text(config, "kafka.retention")).isEqualTo("24h");
  }

  @Test
  void shouldPreferTheJobWhenADefaultIsThereToo() {
    JobConfig config = complete("engine.threads = 3");
    assertThat(number(config, "engine.threads")).isEqualTo(3);
    assertThat(text(config, "kafka.retention")).isEqualTo("24h");
  }

  @Test
  void shouldNameAnUnknownKeyWithItsOriginWhenTheFileHasOne() {
    assertThatThrownBy(() -> complete("engine {\n  threads = 1\n  thread = 2\n}"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("unknown key 'engine.thread'")
        .hasMessageContaining("the-job.conf: 3")
        .hasMessageContaining("known here: threads");
  }

  @Test
  void shouldNameAnUnknownSectionWhenTheFileHasOne() {
    assertThatThrownBy(() -> complete("engines.threads = 1"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("unknown key 'engines'")
        .hasMessageContaining("known here: engine, kafka");
  }

  @Test
  void shouldNameAnUnknownKeyWhenAnOverrideHasOne() {
    assertThatThrownBy(() -> complete("", "engine.cores=2"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("unknown key 'engine.cores' (--set engine.cores=2");
  }

  @Test
  void shouldRefuseAValueWhenASectionIsExpected() {
    assertThatThrownBy(() -> complete("engine = 4"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("key 'engine' (the-job.conf: 1) must be a section of keys");
  }

  @Test
  void shouldRefuseASectionWhenAValueIsExpected() {
    assertThatThrownBy(() -> complete("engine.threads { of = 4 }"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("key 'engine.threads'")
        .hasMessageContaining("is a value, not a section of keys");
  }

  @Test
  void shouldNameTheKeyWhenAValueIsOfTheWrongKind() {
    JobConfig config = complete("engine.threads = many");
    assertThatThrownBy(() -> number(config, "engine.threads"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("configuration: ")
        .hasMessageContaining("the-job.conf: 1")
        .hasMessageContaining("threads");
  }

  @Test
  void shouldKeepTheMessageWhenAParserRefuses() {
    JobConfig config = complete("");
    assertThatThrownBy(
            () ->
                config.read(
                    complete -> {
                      throw new IllegalArgumentException("threads: got 1, expected 2");
                    }))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("threads: got 1, expected 2");
  }

  @Test
  void shouldTakeAnyKeysWhenTheSectionIsEmptyInTheDefaults() {
    JobConfig config =
        complete(
            "kafka.client { \"security.protocol\" = SSL, ssl { keystore { location = /k } } }",
            "kafka.client.sasl.mechanism=PLAIN");
    Config client = config.read(complete -> complete.getConfig("kafka.client"));
    assertThat(client.getString("\"security.protocol\"")).isEqualTo("SSL");
    assertThat(client.getString("ssl.keystore.location")).isEqualTo("/k");
    assertThat(client.getString("sasl.mechanism")).isEqualTo("PLAIN");
  }

  @Test
  void shouldRefuseAValueWhenAFreeSectionIsExpected() {
    assertThatThrownBy(() -> complete("kafka.client = plain"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("key 'kafka.client'")
        .hasMessageContaining("must be a section of keys");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7 | NUMBER | 7",
        "1e-3 | NUMBER | 1e-3",
        "true | BOOLEAN | true",
        "plain text | STRING | plain text",
        "\"1\" | STRING | 1",
        "localhost:9092 | STRING | localhost:9092",
        "classpath:/weights/a-b.safetensors | STRING | classpath:/weights/a-b.safetensors",
        "/a/b.safetensors | STRING | /a/b.safetensors",
        "/a//b | STRING | /a//b",
        "//host/share | STRING | //host/share",
        "a#b | STRING | a#b",
        "\"a#b\" | STRING | a#b",
        "C:\\data | STRING | C:\\data",
        "k=v | STRING | k=v",
        "'' | STRING | ''"
      })
  void shouldReadAnOverrideAsItStandsWhenItIsOneValue(
      String value, ConfigValueType type, String expected) {
    JobConfig config = complete("", "kafka.client.x=" + value);
    assertThat(config.<ConfigValueType>read(all -> all.getValue("kafka.client.x").valueType()))
        .isEqualTo(type);
    assertThat(text(config, "kafka.client.x")).isEqualTo(expected);
  }

  @Test
  void shouldReadAListWhenAnOverrideIsOne() {
    JobConfig config = complete("", "kafka.client.x=[1, 2.5]", "kafka.client.y = [a-b, \"c//d\"]");
    assertThat(config.<List<Double>>read(all -> all.getDoubleList("kafka.client.x")))
        .containsExactly(1.0, 2.5);
    assertThat(config.<List<String>>read(all -> all.getStringList("kafka.client.y")))
        .containsExactly("a-b", "c//d");
  }

  @Test
  void shouldTakeTheLastWhenAnOverrideComesTwice() {
    JobConfig config =
        complete(
            "engine.threads = 2", "engine.threads=3", "kafka.retention=1h", "engine.threads=4");
    assertThat(number(config, "engine.threads")).isEqualTo(4);
    assertThat(text(config, "kafka.retention")).isEqualTo("1h");
  }

  @ParameterizedTest
  @ValueSource(strings = {"engine.threads", "=3", ""})
  void shouldSayWhatItExpectsWhenAnOverrideHasNoKeyOrNoValue(String override) {
    assertThatThrownBy(() -> complete("", override))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("--set: got '" + override + "'")
        .hasMessageContaining("expected key=value");
  }

  @Test
  void shouldResolveWhenAJobRefersToADefaultAndToAnOverride() {
    JobConfig config =
        complete(
            "kafka.client { wait = ${kafka.setup-timeout}, cores = ${engine.threads} }",
            "engine.threads=5");
    assertThat(text(config, "kafka.client.wait")).isEqualTo("30s");
    assertThat(text(config, "kafka.client.cores")).isEqualTo("5");
  }

  @Test
  void shouldNameTheReferenceWhenItLeadsNowhere() {
    assertThatThrownBy(() -> complete("kafka.retention = ${kafka.no-such-key}"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("kafka.no-such-key");
  }

  @Test
  void shouldHaveTheSameDigestWhenKeysComeInAnotherOrder() {
    String one =
        complete("engine.threads = 2\nkafka { retention = 1h, setup-timeout = 5s }").sha256();
    String other =
        complete("kafka.setup-timeout = 5s\nkafka.retention = 1h # note\nengine { threads = 2 }")
            .sha256();
    assertThat(one).matches("[0-9a-f]{64}").isEqualTo(other);
    assertThat(
            complete("kafka.setup-timeout = 5s", "kafka.retention=1h", "engine.threads=2").sha256())
        .isEqualTo(one);
  }

  @Test
  void shouldHaveAnotherDigestWhenAValueChanges() {
    assertThat(complete("engine.threads = 2").sha256())
        .isNotEqualTo(complete("engine.threads = 3").sha256());
    assertThat(complete("kafka.client.a = b").sha256()).isNotEqualTo(complete("").sha256());
  }

  @Test
  void shouldBeTheSameWhenItsOwnTextIsRunAgain() {
    JobConfig config = complete("kafka.client { \"a.b\" = \"x:y\", c = [1, \"two\"] }");
    assertThat(config.render()).contains("a.b").doesNotContain("the-job.conf");
    JobConfig again = complete(config.render());
    assertThat(again.sha256()).isEqualTo(config.sha256());
  }

  @Test
  void shouldIgnoreTheJvmsPropertiesWhenTheyBeginWithOurName() {
    String before = complete("").sha256();
    System.setProperty("favstream.terminal", "true");
    System.setProperty("favstream.engine.threads", "9");
    ConfigFactory.invalidateCaches();
    try {
      JobConfig config = complete("");
      assertThat(config.sha256()).isEqualTo(before);
      assertThat(number(config, "engine.threads")).isEqualTo(1);
      assertThatThrownBy(() -> complete("terminal = true"))
          .hasMessageContaining("unknown key 'terminal'");
    } finally {
      System.clearProperty("favstream.terminal");
      System.clearProperty("favstream.engine.threads");
      ConfigFactory.invalidateCaches();
    }
  }

  @Test
  void shouldCompleteASectionWhenItStandsAlone() {
    JobConfig kafka = JobConfig.section("kafka", List.of("retention=1h", "client.a.b=c"));
    assertThat(text(kafka, "retention")).isEqualTo("1h");
    assertThat(text(kafka, "client.a.b")).isEqualTo("c");
    assertThat(text(kafka, "setup-timeout")).isEqualTo("30s");
    assertThat(kafka.render()).doesNotContain("engine");
    assertThat(kafka.sha256()).isNotEqualTo(JobConfig.section("kafka", List.of()).sha256());
  }

  @Test
  void shouldNameAnUnknownKeyByItsWholePathWhenASectionStandsAlone() {
    assertThatThrownBy(() -> JobConfig.section("engine", List.of("thread=2")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("unknown key 'engine.thread' (--set thread=2")
        .hasMessageContaining("known here: threads");
    assertThatThrownBy(() -> JobConfig.section("engine", List.of("engine.threads=2")))
        .hasMessageContaining("unknown key 'engine.engine'");
  }

  @Test
  void shouldGiveTheConstantWhenAChoiceIsOne() {
    assertThat(JobConfig.choice(parsed("floor = no-prior"), "floor", Floor.class))
        .isEqualTo(Floor.NO_PRIOR);
    assertThat(JobConfig.nameOf(Floor.NO_PRIOR)).isEqualTo("no-prior");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NO_PRIOR", "no_prior", "origin", "\"\""})
  void shouldNameAllConstantsWhenAChoiceIsNone(String value) {
    JobConfig config = JobConfig.complete(EMPTY, List.of("kafka.client.floor=" + value));
    assertThatThrownBy(
            () ->
                config.read(
                    all -> JobConfig.choice(all.getConfig("kafka.client"), "floor", Floor.class)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("floor")
        .hasMessageContaining(
            "got '" + value.replace("\"", "") + "', expected one of none, no-prior");
  }
}
