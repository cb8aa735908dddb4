// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.util.AbstractList;
import java.util.List;
import org.favstream.protocol.wire.EnvironmentBegunProto;
import org.favstream.protocol.wire.EnvironmentCloseProto;
import org.favstream.protocol.wire.EnvironmentHelloProto;
import org.favstream.protocol.wire.EnvironmentRefusedProto;
import org.favstream.protocol.wire.EnvironmentReplyProto;
import org.favstream.protocol.wire.EnvironmentRequestProto;
import org.favstream.protocol.wire.EnvironmentResetProto;
import org.favstream.protocol.wire.EnvironmentStepProto;
import org.favstream.protocol.wire.EnvironmentSteppedProto;
import org.favstream.protocol.wire.EnvironmentWelcomeProto;

/** The codecs of what a policy and an environment in another process say to each other. */
final class EnvironmentCodecs {
  static final Codec<EnvironmentRequest> REQUEST =
      new ProtoCodec<>(
          "environment request",
          EnvironmentCodecs::toWire,
          EnvironmentRequestProto.parser(),
          EnvironmentCodecs::fromWire);

  static final Codec<EnvironmentReply> REPLY =
      new ProtoCodec<>(
          "environment reply",
          EnvironmentCodecs::toWire,
          EnvironmentReplyProto.parser(),
          EnvironmentCodecs::fromWire);

  private EnvironmentCodecs() {}

  private static EnvironmentRequestProto toWire(EnvironmentRequest request) {
    EnvironmentRequestProto.Builder wire = EnvironmentRequestProto.newBuilder();
    if (request instanceof EnvironmentRequest.Hello hello) {
      wire.setHello(EnvironmentHelloProto.newBuilder().setVersion(hello.version()));
    } else if (request instanceof EnvironmentRequest.Reset reset) {
      wire.setReset(EnvironmentResetProto.newBuilder().setCopy(reset.copy()).setSeed(reset.seed()));
    } else if (request instanceof EnvironmentRequest.Step step) {
      wire.setStep(EnvironmentStepProto.newBuilder().addAllActions(numbers(step.actions())));
    } else {
      wire.setClose(EnvironmentCloseProto.getDefaultInstance());
    }
    return wire.build();
  }

  private static EnvironmentRequest fromWire(EnvironmentRequestProto wire) {
    return switch (wire.getRequestCase()) {
      case HELLO -> new EnvironmentRequest.Hello(wire.getHello().getVersion());
      case RESET ->
          new EnvironmentRequest.Reset(wire.getReset().getCopy(), wire.getReset().getSeed());
      case STEP -> new EnvironmentRequest.Step(tensor(wire.getStep().getActionsList()));
      case CLOSE -> new EnvironmentRequest.Close();
      case REQUEST_NOT_SET -> throw new IllegalArgumentException("it asks for nothing");
    };
  }

  private static EnvironmentReplyProto toWire(EnvironmentReply reply) {
    EnvironmentReplyProto.Builder wire = EnvironmentReplyProto.newBuilder();
    if (reply instanceof EnvironmentReply.Welcome welcome) {
      wire.setWelcome(
          EnvironmentWelcomeProto.newBuilder()
              .setVersion(welcome.version())
              .setEnvironment(welcome.environment())
              .setObservationSize(welcome.observationSize())
              .setActionSize(welcome.actionSize())
              .setCopies(welcome.copies()));
    } else if (reply instanceof EnvironmentReply.Begun begun) {
      wire.setBegun(
          EnvironmentBegunProto.newBuilder().addAllObservation(numbers(begun.observation())));
    } else if (reply instanceof EnvironmentReply.Stepped stepped) {
      wire.setStepped(
          EnvironmentSteppedProto.newBuilder()
              .addAllObservations(numbers(stepped.observations()))
              .addAllRewards(numbers(stepped.rewards()))
              .addAllTerminated(stepped.terminated())
              .addAllTruncated(stepped.truncated()));
    } else {
      EnvironmentReply.Refused refused = (EnvironmentReply.Refused) reply;
      wire.setRefused(EnvironmentRefusedProto.newBuilder().setReason(refused.reason()));
    }
    return wire.build();
  }

  private static EnvironmentReply fromWire(EnvironmentReplyProto wire) {
    return switch (wire.getReplyCase()) {
      case WELCOME -> {
        EnvironmentWelcomeProto welcome = wire.getWelcome();
        yield new EnvironmentReply.Welcome(
            welcome.getVersion(),
            welcome.getEnvironment(),
            welcome.getObservationSize(),
            welcome.getActionSize(),
            welcome.getCopies());
      }
      case BEGUN -> new EnvironmentReply.Begun(tensor(wire.getBegun().getObservationList()));
      case STEPPED -> {
        EnvironmentSteppedProto stepped = wire.getStepped();
        yield new EnvironmentReply.Stepped(
            tensor(stepped.getObservationsList()),
            tensor(stepped.getRewardsList()),
            stepped.getTerminatedList(),
            stepped.getTruncatedList());
      }
      case REFUSED -> new EnvironmentReply.Refused(wire.getRefused().getReason());
      case REPLY_NOT_SET -> throw new IllegalArgumentException("it answers nothing");
    };
  }

  private static List<Float> numbers(Tensor tensor) {
    return new AbstractList<>() {
      @Override
      public Float get(int index) {
        return tensor.at(index);
      }

      @Override
      public int size() {
        return tensor.length();
      }
    };
  }

  private static Tensor tensor(List<Float> numbers) {
    float[] data = new float[numbers.size()];
    for (int i = 0; i < data.length; i++) {
      data[i] = numbers.get(i);
    }
    return Tensor.wrap(new int[] {data.length}, data);
  }
}
