import type { Driver, GuestPort } from 'guestrig';
import { startFunction } from './function.js';
import { makeRing, type Piece } from './ring.js';

const [RECEIVE, TRANSMIT] = [0, 1];
/** Bytes of virtio_net_hdr on a legacy function without MRG_RXBUF, and of the longest frame. */
const [HEADER, FRAME] = [10, 1514];
const SECOND = 1_000_000_000;

/** A NIC that sends and receives a frame at a time: virtio 1.4, 5.1. */
function startNic(port: GuestPort, bdf: number) {
  const { memory } = port;
  const [incoming, outgoing] = [port.allocate(HEADER + FRAME, 16), port.allocate(HEADER + FRAME, 16)];
  // A legacy device wants the header in a descriptor of its own.
  const room: readonly Piece[] = [
    [incoming, HEADER, 'w'],
    [incoming + HEADER, FRAME, 'w'],
  ];
  const [receive, transmit] = startFunction(
    port,
    bdf,
    (base) => [makeRing(port, base, RECEIVE), makeRing(port, base, TRANSMIT)] as const,
  );
  receive.offer(room);
  return {
    send(frame: Uint8Array): void {
      memory.write(outgoing + HEADER, frame);
      transmit.offer([
        [outgoing, HEADER, 'r'],
        [outgoing + HEADER, frame.length, 'r'],
      ]);
      if (!port.wait(transmit.isDone, SECOND)) throw new Error('the NIC did not take the frame');
    },
    /** @returns the next frame that comes in. */
    receive(): Uint8Array {
      if (!port.wait(receive.isDone, SECOND)) throw new Error('no frame came in');
      // A device may say any length: only what was lent can hold a frame.
      const length = receive.written() - HEADER;
      if (length < 0 || length > FRAME) {
        receive.offer(room);
        throw new Error(`the NIC says that it wrote a frame of ${length} bytes`);
      }
      const frame = new Uint8Array(length);
      memory.read(incoming + HEADER, frame);
      receive.offer(room);
      return frame;
    },
  };
}

export const myNic: Driver<ReturnType<typeof startNic>> = {
  name: 'my-nic',
  matches: ({ vendor, device }) => vendor === 0x1af4 && device === 0x1000,
  attach: startNic,
};
