// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { FrameReader, frame } from './frames.js';

const PROTOCOL_VERSION = 1;
const HELLO_DEADLINE_MS = 10_000;
const IDLE_DEADLINE_MS = 3_600_000;
const MOST_CONNECTIONS = 64;

const schema = protobuf.loadSync(fileURLToPath(new URL('environment.proto', import.meta.url)));
const Request = schema.lookupType('favstream.environment.v1.EnvironmentRequestProto');
const Reply = schema.lookupType('favstream.environment.v1.EnvironmentReplyProto');

/**
 * A server that gives each connection an environment of its own.
 *
 * @param open makes an environment: spec, reset(copy, seed), step(actions), close()
 */
export function environmentServer(open) {
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    serve(socket, new Conversation(open));
  });
  server.maxConnections = MOST_CONNECTIONS;
  return server;
}

function serve(socket, conversation) {
  const frames = new FrameReader();
  const hear = (chunk) => {
    try {
      for (const message of frames.read(chunk)) {
        const reply = conversation.answer(Request.decode(message));
        if (reply === undefined) {
          return end();
        }
        if (!socket.write(encode(reply))) {
          socket.pause(); // until the client has taken its answers
        }
      }
      socket.setTimeout(IDLE_DEADLINE_MS);
    } catch (fault) {
      end(encode({ refused: { reason: fault.message || String(fault) } }));
    }
  };
  const end = (last) => {
    socket.off('data', hear).resume(); // what else it says is not heard
    socket.end(last);
  };
  socket.setTimeout(HELLO_DEADLINE_MS);
  socket
    .on('data', hear)
    .on('drain', () => socket.resume())
    .on('timeout', () => socket.destroy())
    .on('error', () => socket.destroy()) // the client has gone: there is nobody to tell
    .on('close', () => conversation.close());
}

function encode(reply) {
  return frame(Reply.encode(reply).finish());
}

/** What is said over one connection; what it throws refuses the request and ends it. */
class Conversation {
  #open;
  #environment;

  constructor(open) {
    this.#open = open;
  }

  /** The reply to a request; undefined where it asks for the end. */
  answer(request) {
    if (this.#environment === undefined) {
      return this.#welcome(request);
    }
    switch (request.request) {
      case 'reset':
        return { begun: { observation: this.#reset(request.reset) } };
      case 'step':
        return { stepped: this.#step(request.step.actions) };
      case 'close':
        return undefined;
      default:
        throw new RangeError(`a request in the wrong place: ${request.request ?? 'none'}`);
    }
  }

  #welcome(request) {
    if (request.request !== 'hello') {
      throw new RangeError(`the first request must be hello, got ${request.request ?? 'none'}`);
    }
    const { version } = request.hello;
    if (version !== PROTOCOL_VERSION) {
      throw new RangeError(
        `version ${version} of the protocol is not spoken here, expected ${PROTOCOL_VERSION}`);
    }
    this.#environment = this.#open();
    return { welcome: { version, ...this.#environment.spec } };
  }

  #reset({ copy, seed }) {
    const { copies } = this.#environment.spec;
    if (copy >= copies) {
      throw new RangeError(`reset of copy ${copy}, expected 0 to ${copies - 1}`);
    }
    return this.#environment.reset(copy, seed);
  }

  #step(actions) {
    const { copies, actionSize } = this.#environment.spec;
    if (actions.length !== copies * actionSize || !actions.every(Number.isFinite)) {
      throw new RangeError(
        `actions: got ${actions.length} numbers, expected ${copies} x ${actionSize},`
          + ' all of them finite');
    }
    return this.#environment.step(actions);
  }

  close() {
    this.#environment?.close();
  }
}
