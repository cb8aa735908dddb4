// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.util.List;

/** What an environment in another process answers. */
public sealed interface EnvironmentReply {

  /**
   * What it is.
   *
   * @param version of the protocol that it speaks
   * @param environment the task's name
   * @param observationSize numbers an observation
   * @param actionSize numbers an action
   * @param copies how many are stepped together
   */
  record Welcome(int version, String environment, int observationSize, int actionSize, int copies)
      implements EnvironmentReply {
    public Welcome {
      Fields.notNegative("welcome.version", version);
      Fields.notBlank("welcome.environment", environment);
      Fields.notNegative("welcome.observation_size", observationSize);
      Fields.notNegative("welcome.action_size", actionSize);
      Fields.notNegative("welcome.copies", copies);
    }
  }

  /**
   * An episode has begun.
   *
   * @param observation {@code (observation size)}
   */
  record Begun(Tensor observation) implements EnvironmentReply {
    public Begun {
      Fields.rank("begun.observation", observation, 1);
    }
  }

  /**
   * What came of the actions.
   *
   * @param observations {@code (copies * observation size)}, copy after copy: after the action
   * @param rewards {@code (copies)}
   * @param terminated {@code (copies)}: in a state without a future
   * @param truncated {@code (copies)}: cut, though it could have gone on
   */
  record Stepped(
      Tensor observations, Tensor rewards, List<Boolean> terminated, List<Boolean> truncated)
      implements EnvironmentReply {
    public Stepped {
      Fields.rank("stepped.observations", observations, 1);
      Fields.rank("stepped.rewards", rewards, 1);
      terminated = List.copyOf(terminated);
      truncated = List.copyOf(truncated);
    }
  }

  /**
   * It does not go on, and ends the connection.
   *
   * @param reason for people
   */
  record Refused(String reason) implements EnvironmentReply {
    public Refused {
      Fields.notBlank("refused.reason", reason);
    }
  }
}
