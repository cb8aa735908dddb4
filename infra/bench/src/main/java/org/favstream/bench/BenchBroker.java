// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.infra.broker.BrokerProcess;
import org.favstream.infra.job.Job;

/**
 * A broker for one measurement, in a folder that is gone after it: its logs are gigabytes.
 *
 * @param folder where it is
 */
record BenchBroker(Path folder, BrokerProcess process) implements AutoCloseable {

  static BenchBroker start(Job job)
      throws IOException, InterruptedException, BrokerProcess.BrokerException {
    Path folder = Files.createTempDirectory("favstream-bench");
    return new BenchBroker(
        folder,
        BrokerProcess.start(
            job.read(config -> BrokerProcess.Settings.of(config, folder.resolve("broker")))));
  }

  KafkaConnection connection(Job job) {
    return job.connection(bootstrapServers());
  }

  String bootstrapServers() {
    return process.bootstrapServers();
  }

  @Override
  public void close() throws IOException {
    process.close();
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.deleteIfExists(path);
    }
  }
}
