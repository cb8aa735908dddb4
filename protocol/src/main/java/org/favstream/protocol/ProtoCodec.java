// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Function;

/** A codec through a wire message. */
final class ProtoCodec<T, P extends Message> implements Codec<T> {
  private final String name;
  private final Function<T, P> toWire;
  private final Parser<P> parser;
  private final Function<P, T> fromWire;

  ProtoCodec(String name, Function<T, P> toWire, Parser<P> parser, Function<P, T> fromWire) {
    this.name = name;
    this.toWire = toWire;
    this.parser = parser;
    this.fromWire = fromWire;
  }

  @Override
  public byte[] encode(T value) {
    P message = toWire.apply(value);
    byte[] bytes = new byte[message.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization(); // the order of a map's entries
    try {
      message.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes;
  }

  @Override
  public T decode(byte[] bytes) throws MalformedRecordException {
    try {
      // Bytes within the message are views of the record's, which nobody writes to.
      CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
      in.enableAliasing(true);
      return fromWire.apply(parser.parseFrom(in));
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedRecordException(
          "%d bytes that are no %s: %s".formatted(bytes.length, name, e.getMessage()), e);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new MalformedRecordException("an unsound %s: %s".formatted(name, e.getMessage()), e);
    }
  }
}
