// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.favstream.actors.runtime.Faults;
import org.favstream.learner.checkpoint.Checkpoint;
import org.favstream.learner.node.LearnerEvent;
import org.favstream.protocol.Evaluation;
import org.favstream.reward.node.CriticEvent;
import org.favstream.reward.node.EvaluatorActor;
import org.favstream.reward.node.GoldAlarm;
import org.favstream.reward.node.RewardEvent;
import org.favstream.sampler.fleet.FleetEvent;
import org.favstream.sampler.node.SamplerEvent;
import org.jspecify.annotations.Nullable;

/**
 * What a run has reached: the live line for people, and {@code metrics.jsonl} for machines. Events
 * come from the run's actor, ticks from a timer, alarms from their own thread.
 */
final class Progress implements GoldAlarm.Listener {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A plain line this often, where the output is no terminal. */
  private static final int PLAIN_EVERY_TICKS = 5;

  /** How much the newest episode counts in the mean return that is shown. */
  private static final double RETURN_SHARE = 0.1;

  /** Messages that begin alike are of one kind. */
  private static final int SAME_KIND = 30;

  private final PrintStream out;
  private final boolean terminal;
  private final Path metricsFile;
  private final Clock clock;
  private final long beganAt;
  private LearnerEvent.@Nullable Stepped stepped;
  private @Nullable Evaluation evaluation;
  private Checkpoint.Totals totals = Checkpoint.Totals.none();
  private long version;
  private long step;
  private long lastGenerations = -1;
  private long lastTickAt;
  private final Map<String, Double> policy = new LinkedHashMap<>(); // critics and fleet
  private final Set<String> said = new HashSet<>();
  private boolean refusalSaid;
  private boolean waits; // groups, for their reward
  private long alarms = -1; // not known, or nothing is watched
  private long ticks;
  private double appliedMillis;
  private String state = "starting";
  private boolean lineOpen;

  /**
   * A progress.
   *
   * @param out where people read it
   * @param terminal whether that is a terminal, whose line is written over
   */
  Progress(PrintStream out, boolean terminal, Path metricsFile, Clock clock) {
    this.out = out;
    this.terminal = terminal;
    this.metricsFile = metricsFile;
    this.clock = clock;
    this.beganAt = clock.millis();
    this.lastTickAt = beganAt;
  }

  /** Says something on a line of its own. */
  @Override
  public synchronized void say(String message) {
    if (lineOpen) {
      out.println();
      lineOpen = false;
    }
    out.println(message);
    out.flush();
  }

  @Override
  public synchronized void alarms(long soFar) {
    alarms = soFar;
  }

  synchronized void on(LearnerEvent event) {
    if (event instanceof LearnerEvent.Begun begun) {
      version = begun.version();
      step = begun.step();
      totals = begun.totals();
      state = begun.resumed() ? "resumed" : "waiting for samplers";
      if (begun.resumed()) {
        say("goes on from version %d, step %d".formatted(begun.version(), begun.step()));
      }
    } else if (event instanceof LearnerEvent.Stepped next) {
      stepped = next;
      step = next.step().step();
      totals = next.step().totals();
      state = "aligning";
    } else if (event instanceof LearnerEvent.Published published) {
      version = published.weights().version();
    } else if (event instanceof LearnerEvent.RewardChanged changed) {
      say(
          "the reward is %s from here on (activation %d)"
              .formatted(changed.reward(), changed.activation()));
    }
  }

  synchronized void on(SamplerEvent event) {
    if (event instanceof SamplerEvent.Applied applied) {
      appliedMillis = applied.sincePublication().toMillis();
    }
  }

  synchronized void on(RewardEvent event) {
    if (event instanceof RewardEvent.Waiting waiting) {
      waits = true;
      say("groups wait for their reward, and samplers with them: " + waiting.reason());
    } else if (event instanceof RewardEvent.GoesOn) {
      waits = false;
      say("groups are scored again");
    } else if (event instanceof RewardEvent.Refused refused && !refusalSaid) {
      refusalSaid = true;
      say("a group was refused: " + refused.reason() + " (more are counted, see the dead letters)");
    }
  }

  synchronized void on(CriticEvent event) {
    if (event instanceof CriticEvent.Published published) {
      policy.put("criticVersion", (double) published.version());
      policy.put("criticLoss", published.outcome().loss());
      policy.put("criticValue", published.outcome().meanValue());
      policy.put("transitions", (double) published.transitions());
    } else if (event instanceof CriticEvent.Refused refused) {
      policy.merge("transitionsRefused", 1.0, Double::sum);
      sayOnce("transitions were refused: " + refused.reason());
    }
  }

  synchronized void on(FleetEvent event) {
    if (event instanceof FleetEvent.EpisodeEnded ended) {
      policy.merge("episodes", 1.0, Double::sum);
      policy.merge(
          "return", ended.sumOfRewards(), (mean, next) -> mean + RETURN_SHARE * (next - mean));
    } else if (event instanceof FleetEvent.DeadlineMissed missed) {
      policy.merge("deadlinesMissed", 1.0, Double::sum);
      sayOnce(missed.worker() + ": inference was late, its arms were stopped for a step");
    } else if (event instanceof FleetEvent.EnvironmentLost lost) {
      policy.merge("environmentsLost", 1.0, Double::sum);
      sayOnce("%s lost its environment: %s".formatted(lost.worker(), lost.reason()));
    } else if (event instanceof FleetEvent.ActionRefused refused) {
      policy.merge("actionsRefused", 1.0, Double::sum);
      sayOnce(refused.worker() + ": an action was not finite, its arm stood still for a step");
    } else if (event instanceof FleetEvent.WeightsRefused refused) {
      sayOnce("%s keeps its weights: %s".formatted(refused.worker(), refused.reason()));
    }
  }

  /** The first of its kind is for people; all are counted, or in the log. */
  private void sayOnce(String message) {
    if (said.add(message.substring(0, Math.min(SAME_KIND, message.length())))) {
      say(message);
    }
  }

  synchronized void on(EvaluatorActor.Event event) {
    evaluation = event.evaluation();
    append(line(Map.of(), event.evaluation()));
  }

  /** Counts over all lives of the run. */
  synchronized Checkpoint.Totals totals() {
    return totals;
  }

  /** Learner steps of the run. */
  synchronized long step() {
    return step;
  }

  /** A second has gone by. */
  synchronized void tick() {
    long now = clock.millis();
    double seconds = Math.max(1, now - lastTickAt) / 1000.0;
    double rate = lastGenerations < 0 ? 0 : (totals.generations() - lastGenerations) / seconds;
    lastGenerations = totals.generations();
    lastTickAt = now;
    ticks++;
    Map<String, Double> figures = new LinkedHashMap<>();
    LearnerEvent.Stepped last = stepped;
    if (last != null) {
      figures.put("generationsPerSecond", rate);
      figures.put("lag", last.step().lag());
      figures.put("lagSteps", last.step().lagSteps());
      figures.put("loss", last.step().loss());
      figures.put("velocity", last.step().velocity());
      figures.put("gradientNorm", last.step().gradientNorm());
      figures.put("queued", (double) last.queued());
      figures.put("samplers", (double) last.samplers());
      figures.put("appliedMillis", appliedMillis);
      figures.putAll(policy);
      if (alarms >= 0) {
        figures.put("alarms", (double) alarms);
      }
      append(line(figures, null));
    }
    if (terminal || ticks % PLAIN_EVERY_TICKS == 0) {
      print(text(now, rate, last));
    }
  }

  private String text(long now, double rate, LearnerEvent.@Nullable Stepped last) {
    StringBuilder text = new StringBuilder();
    long elapsed = (now - beganAt) / 1000;
    text.append(String.format(Locale.ROOT, "%2d:%02d  ", elapsed / 60, elapsed % 60));
    if (last == null) {
      return text.append(state).toString();
    }
    text.append(
        String.format(
            Locale.ROOT,
            "step %d  version %d  %,.0f generations/s  lag %.1f",
            step,
            version,
            rate,
            last.step().lag()));
    Evaluation known = evaluation;
    if (known != null) {
      known.metrics().entrySet().stream()
          .filter(metric -> metric.getKey().indexOf('.') < 0)
          .limit(4)
          .forEach(
              metric ->
                  text.append(
                      String.format(Locale.ROOT, "  %s %.4f", metric.getKey(), metric.getValue())));
      text.append(" (at step ").append(known.step()).append(')');
    }
    if (policy.containsKey("episodes")) {
      text.append(
          String.format(
              Locale.ROOT,
              "  episodes %.0f  return %.1f",
              policy.get("episodes"),
              policy.get("return")));
    }
    if (totals.refused() > 0) {
      text.append("  refused ").append(totals.refused());
    }
    if (waits) {
      text.append("  waiting for the reward");
    }
    if (alarms > 0) {
      text.append("  alarms ").append(alarms);
    }
    return text.toString();
  }

  private void print(String text) {
    if (terminal) {
      out.print("\r\u001b[2K" + text);
      lineOpen = true;
    } else {
      out.println(text);
    }
    out.flush();
  }

  private String line(Map<String, Double> figures, @Nullable Evaluation measured) {
    ObjectNode node = JSON.createObjectNode();
    node.put("t", (clock.millis() - beganAt) / 1000.0);
    node.put("step", measured == null ? step : measured.step());
    node.put("version", measured == null ? version : measured.version());
    figures.forEach(node::put);
    if (measured != null) {
      node.set("metrics", Report.nested(measured.metrics()));
    }
    return node + "\n";
  }

  private void append(String line) {
    try {
      Files.writeString(
          metricsFile,
          line,
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      say("%s could not be written: %s".formatted(metricsFile, Faults.describe(e)));
    }
  }
}
