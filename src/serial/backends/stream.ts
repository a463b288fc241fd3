import { Duplex } from 'node:stream';
import { checkPeer, type SerialPeer, SerialText } from '../endpoint.ts';

declare global {
  namespace NodeJS {
    /** Node's, in a program that has Node's types; this package compiles without them. */
    interface ReadWriteStream {}
  }
}

/** A serial port as a duplex stream of Node. */
export interface SerialStream extends NodeJS.ReadWriteStream {
  /** Lets go of the port. */
  destroy(error?: Error): this;
}

/**
 * The other end of a serial port as a stream of Node: what the guest prints can be read, what is written is typed.
 *
 * A guest does not wait for a slow reader: what nobody reads is kept, the last MiB of it. What is written arrives at the virtual time at
 * which the process came to write it, so a run with such a stream repeats only if its input does. `destroy()` or the
 * end of both directions lets go of the port.
 *
 * @example
 * const terminal = serialStream(machine.serial[0]!);
 * terminal.pipe(process.stdout);
 * process.stdin.pipe(terminal);
 * await host.run();
 *
 * @throws MisuseError for what is no serial port, and of a machine that is closed; what is written to one that was closed
 *   since is an error of the stream.
 */
export function serialStream(port: SerialPeer): SerialStream {
  checkPeer('serialStream', port);
  const printed = new SerialText();
  let wanted = false;
  const stream: Duplex = new Duplex({
    read: () => {
      wanted = true;
      give();
    },
    write: (chunk: Buffer, _encoding, done) => {
      done(refusal(port, chunk));
    },
    destroy: (error, done) => {
      stop();
      done(error);
    },
  });
  const stop = port.listen({
    receive: (byte) => {
      printed.receive(byte);
      give();
    },
  });

  /** All at once when it is asked for: no chunk for each byte. */
  function give(): void {
    if (!wanted || printed.total === 0) return;
    wanted = false;
    stream.push(Buffer.from(printed.bytes));
    printed.clear();
  }

  return stream;
}

/** What the port throws, of a machine that is closed, would end the process if it came out of a pipe. */
function refusal(port: SerialPeer, chunk: Buffer): Error | null {
  try {
    port.type(chunk);
    return null;
  } catch (error) {
    return error as Error;
  }
}
