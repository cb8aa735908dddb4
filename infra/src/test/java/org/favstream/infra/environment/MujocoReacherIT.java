// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.favstream.protocol.Codec;
import org.favstream.protocol.EnvironmentReply;
import org.favstream.protocol.EnvironmentRequest;
import org.favstream.protocol.Tensor;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.environment.Environment.Spec;
import org.favstream.sampler.environment.Environment.Step;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.remote.RemoteEnvironment;
import org.favstream.sampler.environment.remote.SpawnedEnvironment;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real MuJoCo, in Node, over the protocol. Skipped, loudly, where there is no Node. */
class MujocoReacherIT {
  private static final int COPIES = 3;
  private static final int OBSERVATION = 10;
  private static final Spec SPEC = new Spec("mujoco-reacher", OBSERVATION, 2, COPIES);
  private static final RemoteEnvironment.Settings SETTINGS =
      new RemoteEnvironment.Settings(
          Duration.ofMinutes(1), Duration.ofMinutes(1), Optional.of(SPEC));

  @TempDir private static Path folder;
  private static List<String> command = List.of();

  @BeforeAll
  static void requireNode() throws EnvironmentException {
    try {
      new NodeTools("node", "npm").requireNode();
    } catch (EnvironmentException e) {
      String reason = "SKIPPED: the tests of mujoco-reacher: " + e.getMessage();
      System.err.println(reason);
      abort(reason);
    }
    command = NodeEnvironments.ofDistribution().command("mujoco-reacher", 0, COPIES);
  }

  private static Environment start() throws EnvironmentException {
    return SpawnedEnvironment.start(command, folder.resolve("reacher.log"), SETTINGS);
  }

  @Test
  void shouldRepeatItselfUnderASeedAndCutAfterAHundredSteps() throws Exception {
    List<Step> first = episode(7);
    assertThat(first).hasSize(100);
    assertThat(first.subList(0, 99)).noneMatch(step -> step.ended(0));
    assertThat(first.get(99).truncated()).containsOnly(true);
    assertThat(first).allMatch(step -> !step.terminated()[0]);
    assertThat(episode(7)).usingRecursiveComparison().isEqualTo(first);
    assertThat(episode(8).get(0).observations()).isNotEqualTo(first.get(0).observations());
  }

  /** An episode in a process of its own. */
  private static List<Step> episode(long seed) throws EnvironmentException {
    try (Environment reacher = start()) {
      reset(reacher, seed);
      List<Step> steps = new ArrayList<>();
      do {
        float push = (float) Math.sin(steps.size());
        steps.add(reacher.step(new float[] {push, -push, 0, push, -1, 1}));
      } while (!steps.get(steps.size() - 1).ended(0));
      return steps;
    }
  }

  private static void reset(Environment reacher, long seed) throws EnvironmentException {
    for (int copy = 0; copy < COPIES; copy++) {
      reacher.reset(copy, seed + copy);
    }
  }

  @Test
  void shouldDependOnNothingButSeedAndActionsWhenUsedAgain() throws Exception {
    try (Environment reacher = start()) {
      float[] fresh = reacher.reset(0, -5);
      reset(reacher, 1);
      reacher.step(new float[] {1, 1, 1, 1, 1, 1});
      assertThat(reacher.reset(0, -5)).isEqualTo(fresh);
      assertThat(reacher.reset(1, -5)).isEqualTo(fresh);
      assertThat(reacher.reset(0, -5 + (1L << 40))).isNotEqualTo(fresh);
    }
  }

  @Test
  void shouldRewardNearnessAndLittleControl() throws Exception {
    try (Environment reacher = start()) {
      reset(reacher, 3);
      float[] actions = {0, 0, 1, -0.5f, 9, -9};
      Step step = reacher.step(actions);
      for (int copy = 0; copy < COPIES; copy++) {
        double cost = 0.01 * (clipped(actions[2 * copy]) + clipped(actions[2 * copy + 1]));
        float dx = step.observations()[OBSERVATION * copy + 8];
        float dy = step.observations()[OBSERVATION * copy + 9];
        assertThat(step.rewards()[copy])
            .isCloseTo((float) (-Math.hypot(dx, dy) - cost), within(1e-6f));
      }
    }
  }

  private static double clipped(float action) {
    return Math.min(1, action * action);
  }

  @Test
  void shouldSeeTheTipWhereTheJointsPutIt() throws Exception {
    try (Environment reacher = start()) {
      reset(reacher, 11);
      float[] seen = reacher.step(new float[] {1, 1, -1, 1, 0.5f, 0}).observations();
      for (int copy = 0; copy < COPIES; copy++) {
        int at = OBSERVATION * copy;
        double shoulder = Math.atan2(seen[at + 2], seen[at]);
        double both = shoulder + Math.atan2(seen[at + 3], seen[at + 1]);
        assertThat(0.2 * Math.cos(shoulder) + 0.2 * Math.cos(both) - seen[at + 6])
            .isCloseTo(seen[at + 8], within(1e-6));
        assertThat(0.2 * Math.sin(shoulder) + 0.2 * Math.sin(both) - seen[at + 7])
            .isCloseTo(seen[at + 9], within(1e-6));
      }
    }
  }

  @Test
  void shouldBeRefusedWhereItIsNotAsExpected() {
    RemoteEnvironment.Settings others =
        new RemoteEnvironment.Settings(
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            Optional.of(new Spec("mujoco-reacher", OBSERVATION, 3, COPIES)));
    assertThatThrownBy(
            () -> SpawnedEnvironment.start(command, folder.resolve("reacher.log"), others))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageContaining("actionSize=2")
        .hasMessageContaining("actionSize=3");
  }

  @Test
  void shouldRefuseWithAReasonWhatItCannotDo() throws Exception {
    Process server = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    try (BufferedReader said = server.inputReader(StandardCharsets.UTF_8)) {
      String line = said.readLine();
      int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
      EnvironmentRequest hello = new EnvironmentRequest.Hello(1);
      assertThat(refusal(port, new EnvironmentRequest.Hello(2)))
          .isEqualTo("version 2 of the protocol is not spoken here, expected 1");
      assertThat(refusal(port, new EnvironmentRequest.Reset(0, 1)))
          .isEqualTo("the first request must be hello, got reset");
      assertThat(refusal(port, hello, new EnvironmentRequest.Reset(COPIES, 1)))
          .isEqualTo("reset of copy 3, expected 0 to 2");
      assertThat(refusal(port, hello, actions(2)))
          .isEqualTo("actions: got 2 numbers, expected 3 x 2, all of them finite");
      assertThat(refusal(port, hello, actions(2 * COPIES))).contains("was not reset");
    } finally {
      server.destroy();
    }
  }

  private static EnvironmentRequest actions(int numbers) {
    return new EnvironmentRequest.Step(Tensor.of(new int[] {numbers}, new float[numbers]));
  }

  /** Why the last request was refused, after which the connection has ended. */
  private static String refusal(int port, EnvironmentRequest... requests) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      byte[] answer = {};
      for (EnvironmentRequest request : requests) {
        byte[] message = Codec.ENVIRONMENT_REQUEST.encode(request);
        out.writeInt(message.length);
        out.write(message);
        answer = in.readNBytes(in.readInt());
      }
      assertThat(in.read()).isEqualTo(-1);
      EnvironmentReply reply = Codec.ENVIRONMENT_REPLY.decode(answer);
      assertThat(reply).isInstanceOf(EnvironmentReply.Refused.class);
      return ((EnvironmentReply.Refused) reply).reason();
    }
  }
}
