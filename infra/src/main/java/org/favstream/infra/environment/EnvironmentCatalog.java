// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.environment;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.environment.EnvironmentSource;
import org.favstream.sampler.environment.PointMass;

/** The environments that are made in this JVM. */
public final class EnvironmentCatalog {
  private static final SortedMap<String, IntFunction<Environment>> SHIPPED =
      new TreeMap<>(Map.of("point-mass", PointMass::new));

  private EnvironmentCatalog() {}

  /** What there is. */
  public static SortedSet<String> names() {
    return new TreeSet<>(SHIPPED.keySet());
  }

  /** Where environments of that name come from, each of so many copies; empty where nowhere. */
  public static Optional<EnvironmentSource> source(String name, int copies) {
    return Optional.ofNullable(SHIPPED.get(name)).map(maker -> () -> maker.apply(copies));
  }
}
