import { Duplex } from 'node:stream';
import { checkPeer, type SerialPeer, SerialText } from '../endpoint.ts';

declare global {
  namespace NodeJS {
    /** Node's type, for a program that has Node's types; this package compiles without them. */
    interface ReadWriteStream {}
  }
}

/** A serial port as a duplex stream of Node. */
export interface SerialStream extends NodeJS.ReadWriteStream {
  /** Releases the port. */
  destroy(error?: Error): this;
}

/**
 * The other end of a serial port as a Node stream: what the guest prints can be read, what is written is typed.
 *
 * A guest does not wait for a slow reader: the last MiB of unread data is kept. Written data arrives at the current virtual
 * time, so a run with such a stream is reproducible only if its input is. `destroy()` or the end of both directions
 * releases the port.
 *
 * @example
 * const terminal = serialStream(machine.serial[0]!);
 * terminal.pipe(process.stdout);
 * process.stdin.pipe(terminal);
 * await host.run();
 *
 * @throws MisuseError for an invalid serial port, and for a closed machine; writing to one that was closed since is an
 *   error of the stream.
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

  /** Everything at once on a read: no chunk for each byte. */
  function give(): void {
    if (!wanted || printed.total === 0) return;
    wanted = false;
    stream.push(Buffer.from(printed.bytes));
    printed.clear();
  }

  return stream;
}

/** The port's error for a closed machine: thrown out of a pipe, it would end the process. */
function refusal(port: SerialPeer, chunk: Buffer): Error | null {
  try {
    port.type(chunk);
    return null;
  } catch (error) {
    return error as Error;
  }
}
