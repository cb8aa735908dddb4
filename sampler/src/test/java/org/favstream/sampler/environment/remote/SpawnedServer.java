// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment.remote;

import java.io.IOException;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.PointMass;

/** A process that serves point masses until its standard input ends. */
final class SpawnedServer {
  private SpawnedServer() {}

  public static void main(String[] args) throws EnvironmentException, IOException {
    try (EnvironmentServer server = EnvironmentServer.start(() -> new PointMass(1), 0)) {
      System.err.println("starting");
      System.out.println("listening on " + server.address());
      System.in.readAllBytes();
    }
  }
}
