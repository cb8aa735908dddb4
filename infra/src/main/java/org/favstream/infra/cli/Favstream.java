// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import java.io.PrintStream;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.kafka.LogUnavailableException;
import org.favstream.actors.runtime.CodeVersion;
import org.favstream.actors.runtime.Faults;
import org.favstream.infra.http.ControlException;
import org.favstream.infra.run.LocalRun;
import org.favstream.infra.run.RunException;
import org.favstream.learner.node.ReplayFault;
import org.favstream.sampler.environment.EnvironmentException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The program. Exit statuses: 0 it did what was asked; 1 it could not; 2 it was asked wrongly
 * (options, job, configuration); 3 a gate does not let a reward through.
 */
@Command(
    name = "favstream",
    mixinStandardHelpOptions = true,
    versionProvider = Favstream.Version.class,
    description = "Keeps a few-step generative model aligned with a reward while it runs.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RunCommand.class,
      EvaluateCommand.class,
      PretrainCommand.class,
      DatasetCommand.class,
      ListCommand.class,
      NodeCommand.class,
      EnvCommand.class,
      TransitionsCommand.class,
      RewardCommand.class,
      LineageCommand.class,
      ReplayCommand.class,
      AbCommand.class,
      CommandLine.HelpCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  favstream list",
      "  favstream run eight-gaussians",
      "  favstream run reaction-control --duration 10m --out runs/first",
      "  favstream evaluate reaction-control --run runs/first --json",
      "",
      "favstream COMMAND --help says more about each."
    })
public final class Favstream implements Runnable {
  /** The exit status where a gate does not let a reward through. */
  static final int GATE_REFUSES = 3;

  private static final Logger log = LoggerFactory.getLogger(Favstream.class);

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  /** What {@code --version} says. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"favstream " + CodeVersion.current()};
    }
  }

  @SuppressWarnings("NullAway.Init") // picocli sets the specification
  private Favstream() {}

  /** Runs a command and exits with its status. */
  public static void main(String[] args) {
    System.exit(execute(args));
  }

  /** Runs a command and gives its exit status. */
  static int execute(String... args) {
    return new CommandLine(new Favstream())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((fault, command, parsed) -> explain(fault, command))
        .execute(args);
  }

  private static int explain(Exception fault, CommandLine command) {
    boolean asked = fault instanceof ConfigurationException;
    boolean expected =
        asked
            || fault instanceof RunException
            || fault instanceof ControlException
            || fault instanceof LogUnavailableException
            || fault instanceof ReplayFault
            || fault instanceof EnvironmentException;
    command.getErr().println("favstream: " + Faults.describe(fault));
    if (!expected) {
      command.getErr().println("This is a fault of favstream itself; the log holds its trace.");
      log.error("unexpected fault", fault);
    }
    command.getErr().flush();
    if (fault instanceof ControlException refused) {
      return switch (refused.kind()) {
        case "bad-request" -> 2;
        case "gate" -> GATE_REFUSES;
        default -> 1;
      };
    }
    return asked ? 2 : 1;
  }

  /** Where progress is shown: standard error, so that standard output holds results alone. */
  static LocalRun.Console console() {
    // The launcher knows whether standard error is a terminal; the JVM does not.
    return new LocalRun.Console(System.err, Boolean.getBoolean("favstream.terminal"));
  }

  /** Standard output, for results. */
  static PrintStream out() {
    return System.out;
  }

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }
}
