// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code favstream reward}. */
@Command(
    name = "reward",
    mixinStandardHelpOptions = true,
    description = {
      "The rewards of a run that goes on: add one, compare it with the active one, make it the",
      "active one, go back. Samplers and learner do not stop meanwhile."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RewardListCommand.class,
      RewardAddCommand.class,
      RewardBacktestCommand.class,
      RewardShadowCommand.class,
      RewardActivateCommand.class,
      RewardRollbackCommand.class,
      RewardHistoryCommand.class,
      CommandLine.HelpCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  favstream reward list",
      "  favstream reward add careful --ensemble a,b,c --aggregate lcb:1",
      "  favstream reward backtest careful --gate 'rank>=0.5,grad-cosine>=0'",
      "  favstream reward activate careful --require-backtest --blend 30s",
      "  favstream reward rollback",
      "",
      "favstream reward COMMAND --help says more about each."
    })
final class RewardCommand implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the specification
  private RewardCommand() {}

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }
}
