// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

/** Where an environment comes from: made, connected to or started, anew at each call. */
@FunctionalInterface
public interface EnvironmentSource {

  /**
   * Another one; the caller closes it.
   *
   * @throws EnvironmentException where there is none
   */
  Environment open() throws EnvironmentException;
}
