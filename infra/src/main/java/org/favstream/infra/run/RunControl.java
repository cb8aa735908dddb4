// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import org.favstream.actors.runtime.NodeContext;
import org.favstream.infra.http.ControlServer;
import org.favstream.infra.http.ControlSettings;
import org.favstream.infra.job.Job;
import org.favstream.reward.node.RewardControl;

/** The control of a run, and the server that others reach it by. */
final class RunControl implements AutoCloseable {
  private final RewardControl control;
  private final ControlServer server;

  private RunControl(RewardControl control, ControlServer server) {
    this.control = control;
    this.server = server;
  }

  /**
   * A control that serves.
   *
   * @param name unlike any other node's of the run
   * @throws org.favstream.infra.http.ControlException where it cannot listen where it is to
   */
  static RunControl start(NodeContext node, Job job, String name) {
    ControlSettings settings = job.control();
    RewardControl control = job.rewardControl(node, name, settings.trialTimeout());
    try {
      return new RunControl(control, ControlServer.start(settings, control));
    } catch (RuntimeException e) {
      control.close();
      throw e;
    }
  }

  /** Where it is to be called. */
  String url() {
    return server.url();
  }

  @Override
  public void close() {
    server.close();
    control.close();
  }
}
