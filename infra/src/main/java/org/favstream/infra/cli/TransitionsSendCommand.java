// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.config.JobConfig;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.kafka.LogUnavailableException;
import org.favstream.actors.kafka.TopicSetup;
import org.favstream.actors.runtime.Faults;
import org.favstream.infra.job.Job;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Transitions;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.Recording;
import org.favstream.sampler.environment.TransitionFile;
import org.favstream.sampler.environment.TransitionSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code favstream transitions send}. */
@Command(
    name = "send",
    mixinStandardHelpOptions = true,
    description = {
      "Send a recording to a run: whole episodes, in a safetensors file as favstream dataset",
      "makes them. All of it is checked first; nothing is sent of a file that is not sound.",
      "How much a kind of source counts is the run's own setting."
    },
    footer = {
      "",
      "Examples:",
      "  favstream transitions send demo.safetensors --source human:alice --run RUN \\",
      "      --bootstrap-servers kafka:9092",
      "  favstream transitions send night.safetensors --source teleoperator:cell-3 --run RUN \\",
      "      --bootstrap-servers kafka:9092 --json",
      "",
      "Exit status: 0 all of it is on the log; 1 the file is not sound, or the log does not take it;",
      "2 asked wrongly."
    })
final class TransitionsSendCommand implements Callable<Integer> {
  private static final Pattern SOURCE = Pattern.compile("[a-z][a-z0-9-]*:\\S+");

  @Parameters(paramLabel = "FILE", description = "The recording.")
  private Path file = Path.of("");

  @Option(
      names = "--source",
      required = true,
      paramLabel = "KIND:NAME",
      description = "Who acted, such as human:alice.")
  private String source = "";

  @Option(names = "--run", required = true, paramLabel = "RUN", description = "The run's id.")
  private String run = "";

  @Option(
      names = "--bootstrap-servers",
      required = true,
      paramLabel = "HOST:PORT",
      description = "The run's Kafka cluster.")
  private String bootstrapServers = "";

  @Option(
      names = "--segment",
      paramLabel = "N",
      description = "Steps a record (default: ${DEFAULT-VALUE}).")
  private int segment = 50;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "How the cluster is reached, such as kafka.client.security.protocol=SSL.")
  private List<String> overrides = new ArrayList<>();

  @Option(names = "--json", description = "Print what was sent as JSON on standard output.")
  private boolean json;

  @Override
  public Integer call() throws EnvironmentException {
    require(
        SOURCE.matcher(source).matches(),
        "--source: got '%s', expected a kind and a name, such as human:alice".formatted(source));
    require(segment >= 1, "--segment: got %d, expected at least 1".formatted(segment));
    require(!run.isBlank(), "--run: got nothing, expected the run's id");
    JobConfig config = JobConfig.complete(ConfigFactory.empty(), overrides);
    TransitionSet set = TransitionFile.read(file);
    Recording recording = new Recording(set);
    List<Transitions> segments = recording.segments(run, source, segment);
    String topic = send(config, segments);
    print(set, recording, segments.size(), topic);
    return 0;
  }

  private static void require(boolean sound, String message) {
    if (!sound) {
      throw new ConfigurationException(message);
    }
  }

  private String send(JobConfig config, List<Transitions> segments) {
    KafkaConnection connection =
        config.read(complete -> KafkaConnection.of(bootstrapServers, complete));
    String topic = Job.topics(run, config).transitions();
    TopicSetup.require(
        connection, topic, config.read(complete -> complete.getDuration("kafka.setup-timeout")));
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (Producer<String, byte[]> producer = new KafkaProducer<>(connection.producerProperties())) {
      for (Transitions part : segments) {
        sent.add(
            producer.send(new ProducerRecord<>(topic, source, Codec.TRANSITIONS.encode(part))));
      }
      for (Future<RecordMetadata> one : sent) {
        RecordMetadata unused = one.get();
      }
    } catch (ExecutionException e) {
      throw new LogUnavailableException(
          "%s at %s does not take the recording: %s; sent again, its episodes keep their names"
              .formatted(topic, bootstrapServers, Faults.describe(e)),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("interrupted while the recording was sent", e);
    }
    return topic;
  }

  private void print(TransitionSet set, Recording recording, int records, String topic) {
    if (json) {
      Favstream.out()
          .println(
              new ObjectMapper()
                  .createObjectNode()
                  .put("file", file.toString())
                  .put("environment", set.environment())
                  .put("source", source)
                  .put("topic", topic)
                  .put("transitions", set.size())
                  .put("episodes", recording.episodes())
                  .put("records", records)
                  .toPrettyString());
    } else {
      Favstream.out()
          .printf(
              "%d transitions of %s in %d episodes by %s: on topic %s%n",
              set.size(), set.environment(), recording.episodes(), source, topic);
    }
  }
}
