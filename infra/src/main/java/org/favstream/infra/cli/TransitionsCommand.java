// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code favstream transitions}. */
@Command(
    name = "transitions",
    mixinStandardHelpOptions = true,
    description = "What people and teleoperators lived through, for a run that learns from it.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {TransitionsSendCommand.class, CommandLine.HelpCommand.class},
    footer = {
      "",
      "Examples:",
      "  favstream transitions send demo.safetensors --source human:alice --run RUN \\",
      "      --bootstrap-servers kafka:9092",
      "",
      "favstream transitions COMMAND --help says more about each."
    })
final class TransitionsCommand implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the specification
  private TransitionsCommand() {}

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }
}
