// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.favstream.actors.config.JobConfig;

/**
 * How the clients reach the cluster. The settings of section {@code kafka} pass through to Kafka's
 * own clients under Kafka's own names.
 *
 * @param bootstrapServers {@code host:port}, several by comma
 * @param common settings of every client (security and the like)
 * @param producer settings of producers
 * @param consumer settings of consumers
 */
public record KafkaConnection(
    String bootstrapServers,
    Map<String, String> common,
    Map<String, String> producer,
    Map<String, String> consumer) {

  public KafkaConnection {
    common = Map.copyOf(common);
    producer = Map.copyOf(producer);
    consumer = Map.copyOf(consumer);
  }

  /** Reads section {@code kafka} of a job. */
  public static KafkaConnection of(String bootstrapServers, Config job) {
    Config defaults = JobConfig.reference("favstream-kafka-defaults");
    return new KafkaConnection(
        bootstrapServers,
        properties(job.getConfig("kafka.client")),
        over(defaults.getConfig("producer"), job.getConfig("kafka.producer")),
        over(defaults.getConfig("consumer"), job.getConfig("kafka.consumer")));
  }

  /** By name, not by path: to HOCON a quoted name is another key than the same name unquoted. */
  private static Map<String, String> over(Config defaults, Config section) {
    Map<String, String> properties = properties(defaults);
    properties.putAll(properties(section));
    return properties;
  }

  /** Kafka's names have dots in them, so a section of them is flattened again. */
  private static Map<String, String> properties(Config section) {
    Map<String, String> properties = new HashMap<>();
    for (Map.Entry<String, ConfigValue> entry : section.entrySet()) {
      ConfigValue value = entry.getValue();
      if (value.valueType() == ConfigValueType.LIST) {
        throw new ConfigException.WrongType(value.origin(), entry.getKey(), "text", "list");
      }
      String name = entry.getKey().replace("\"", "");
      String text = String.valueOf(value.unwrapped());
      String other = properties.put(name, text);
      if (other != null && !other.equals(text)) {
        List<String> both = Stream.of(other, text).sorted().toList();
        throw new ConfigException.BadValue(
            value.origin(),
            name,
            "it is both %s and %s, once with its name in quotes and once without: give it once"
                .formatted(both.get(0), both.get(1)));
      }
    }
    return properties;
  }

  /** Settings of an admin client. */
  public Map<String, Object> admin() {
    Map<String, Object> settings = new HashMap<>(common);
    settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    return settings;
  }

  /** Settings of a bare producer. */
  public Map<String, Object> producerProperties() {
    Map<String, Object> settings = admin();
    settings.putAll(producer);
    settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
    settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    return settings;
  }

  /** Settings of a consumer that shares a group's partitions and commits by itself. */
  public Map<String, Object> consumerProperties(String group) {
    Map<String, Object> settings = consumerProperties();
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    settings.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "consumer");
    return settings;
  }

  /** Settings of a consumer that assigns itself its partitions and commits nothing. */
  public Map<String, Object> consumerProperties() {
    Map<String, Object> settings = admin();
    settings.putAll(consumer);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    return settings;
  }
}
