// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment.remote;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * Messages over a TCP connection, each behind its length as a big-endian int. Whatever it does ends
 * by a deadline, or when the thread is interrupted, or when another thread closes it.
 */
final class FrameChannel implements AutoCloseable {
  /** The longest message, in bytes. */
  static final int MAX_BYTES = 16 << 20;

  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private final ByteBuffer header = ByteBuffer.allocate(Integer.BYTES);

  private FrameChannel(SocketChannel channel, Selector selector) throws IOException {
    this.channel = channel;
    this.selector = selector;
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    key = channel.register(selector, 0);
  }

  /** Over a channel, which it closes where that fails. */
  static FrameChannel over(SocketChannel channel) throws IOException {
    Selector selector = null;
    try {
      selector = Selector.open();
      return new FrameChannel(channel, selector);
    } catch (IOException e) {
      channel.close();
      if (selector != null) {
        selector.close();
      }
      throw e;
    }
  }

  static FrameChannel connect(InetSocketAddress address, Deadline deadline) throws IOException {
    FrameChannel frames = over(SocketChannel.open());
    try {
      frames.channel.connect(address);
      while (!frames.channel.finishConnect()) {
        frames.await(SelectionKey.OP_CONNECT, deadline);
      }
      return frames;
    } catch (IOException e) {
      frames.close();
      throw e;
    }
  }

  void send(byte[] message, Deadline deadline) throws IOException {
    if (message.length > MAX_BYTES) {
      throw new IOException(
          "a message of %d bytes; at most %d go".formatted(message.length, MAX_BYTES));
    }
    ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + message.length);
    frame.putInt(message.length).put(message).flip();
    while (channel.write(frame) >= 0 && frame.hasRemaining()) {
      await(SelectionKey.OP_WRITE, deadline);
    }
  }

  byte[] receive(Deadline deadline) throws IOException {
    fill(header.clear(), deadline);
    int length = header.getInt(0);
    if (length < 0 || length > MAX_BYTES) {
      throw new IOException(
          "a frame of %d bytes; at most %d go"
              .formatted(Integer.toUnsignedLong(length), MAX_BYTES));
    }
    byte[] message = new byte[length];
    fill(ByteBuffer.wrap(message), deadline);
    return message;
  }

  private void fill(ByteBuffer buffer, Deadline deadline) throws IOException {
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer);
      if (read < 0) {
        throw new EOFException("the other end closed the connection");
      }
      if (read == 0) {
        await(SelectionKey.OP_READ, deadline);
      }
    }
  }

  private void await(int operation, Deadline deadline) throws IOException {
    try {
      key.interestOps(operation);
      selector.select(deadline.leftMillis());
      selector.selectedKeys().clear();
    } catch (CancelledKeyException | ClosedSelectorException e) {
      throw new AsynchronousCloseException();
    }
    if (Thread.currentThread().isInterrupted()) { // select returns at once, again and again
      throw new ClosedByInterruptException();
    }
  }

  @Override
  public void close() {
    try (selector;
        channel) {
      // Nothing but to close both.
    } catch (IOException e) {
      // Nobody reads from it or writes to it any more.
    }
  }
}
