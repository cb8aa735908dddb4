// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

/** What a policy asks of an environment in another process; each is answered once, in order. */
public sealed interface EnvironmentRequest {

  /** The version of the protocol that this build speaks. */
  int PROTOCOL_VERSION = 1;

  /**
   * The first; answered by {@link EnvironmentReply.Welcome}.
   *
   * @param version of the protocol
   */
  record Hello(int version) implements EnvironmentRequest {
    public Hello {
      Fields.notNegative("hello.version", version);
    }
  }

  /**
   * Begins an episode in one copy; answered by {@link EnvironmentReply.Begun}.
   *
   * @param copy which, from 0
   * @param seed of all that is drawn in the episode
   */
  record Reset(int copy, long seed) implements EnvironmentRequest {
    public Reset {
      Fields.notNegative("reset.copy", copy);
    }
  }

  /**
   * One step of all copies; answered by {@link EnvironmentReply.Stepped}.
   *
   * @param actions {@code (copies * action size)}, copy after copy, in {@code [-1, 1]}
   */
  record Step(Tensor actions) implements EnvironmentRequest {
    public Step {
      Fields.rank("step.actions", actions, 1);
    }
  }

  /** The last; answered by the end of the connection. */
  record Close() implements EnvironmentRequest {}
}
