// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import java.util.Optional;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.infra.http.ControlServer;
import org.favstream.infra.http.ControlSettings;
import org.favstream.infra.job.Job;
import org.favstream.infra.metrics.RunMetrics;
import org.favstream.reward.node.GoldAlarm;
import org.favstream.reward.node.RewardControl;

/** The control of a run, and the server that others reach it by. */
final class RunControl implements AutoCloseable {
  private final RewardControl control;
  private final ControlServer server;
  private final Optional<GoldAlarm> alarm;

  private RunControl(RewardControl control, ControlServer server, Optional<GoldAlarm> alarm) {
    this.control = control;
    this.server = server;
    this.alarm = alarm;
  }

  /**
   * A control that serves.
   *
   * @param name unlike any other node's of the run
   * @param metrics of this process, which it serves too
   * @param listener told of alarms
   * @throws org.favstream.infra.http.ControlException where it cannot listen where it is to
   */
  static RunControl start(
      NodeContext node, Job job, String name, RunMetrics metrics, GoldAlarm.Listener listener) {
    ControlSettings settings = job.control();
    RewardControl control = job.rewards().control(node, name, settings.trialTimeout());
    try {
      ControlServer server = ControlServer.start(settings, control, metrics::text);
      return new RunControl(
          control,
          server,
          job.rewards()
              .watchSettings()
              .map(
                  watch -> new GoldAlarm(node, control, watch, name, counting(metrics, listener))));
    } catch (RuntimeException e) {
      control.close();
      throw e;
    }
  }

  private static GoldAlarm.Listener counting(RunMetrics metrics, GoldAlarm.Listener listener) {
    return new GoldAlarm.Listener() {
      @Override
      public void say(String message) {
        listener.say(message);
      }

      @Override
      public void alarms(long soFar) {
        metrics.alarms(soFar);
        listener.alarms(soFar);
      }
    };
  }

  /** Where the metrics are to be read. */
  String metricsUrl() {
    return server.metricsUrl();
  }

  /** Where it is to be called. */
  String url() {
    return server.url();
  }

  @Override
  public void close() {
    alarm.ifPresent(GoldAlarm::close);
    server.close();
    control.close();
  }
}
