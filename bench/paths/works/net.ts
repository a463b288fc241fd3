import { virtioNet } from '../../../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../../../src/index.ts';
import { makeFrame } from '../../../src/net/frame/make.ts';
import { bdfOf, deviceAt, HandRing, newCount, type Work } from './ring.ts';

const RAM = 16 << 20;
/** Address of the guest's buffers: RAM that no allocation reaches. */
const BUFFERS = 0x80_0000;
const BUFFER = 2048;
const BATCH = 256;
/** With MRG_RXBUF, which the card offers and the driver accepts. */
const HEADER_BYTES = 12;
const [RECEIVE, TRANSMIT] = [0, 1];
const DRIVER = { interrupts: 'polled', features: ['MAC', 'MRG_RXBUF', 'STATUS'] } as const;
/** Rings are filled without the machine's knowledge, and each kick repeats the last one. */
const UNWATCHED = { judge: false, patience: false } as const;

export function frameIn(plain: boolean): Work {
  const memory = { below4G: RAM, buffer: new ArrayBuffer(RAM) };
  const machine = gceN1({ ...UNWATCHED, ...(plain ? { memory } : {}) });
  const bdf = bdfOf(machine, 'net');
  virtioNet(DRIVER).attach(machine.port, bdf);
  const ring = new HandRing(machine, bdf, RECEIVE);
  const chains = Array.from({ length: ring.size }, (_, i) => [
    { at: BUFFERS + (i % BATCH) * BUFFER, bytes: BUFFER, writable: true },
  ]);
  ring.fill(chains);
  const frame = makeFrame({ payload: new Uint8Array(1446).fill(0x5a) });
  const nic = machine.nics[0]!;
  let made = 0;
  const work = (times: number) => {
    for (let i = 0; i < times; i += BATCH) {
      const before = ring.usedIndex;
      ring.offerAll();
      // Time passes between the guest's accesses: a card has a budget per point of time.
      machine.port.in(0x61, 1);
      for (let k = 0; k < BATCH; k++) nic.receive(frame);
      made += (ring.usedIndex - before) & 0xffff;
    }
    if (made % BATCH !== 0) throw new Error('a frame found no buffer');
  };
  return { work, made: () => made };
}

/** @param length of each frame. The machine does not keep sent frames, which it does for tests only. */
export function frameOut(length: number): Work {
  const count = newCount();
  const backend = { attach: () => {}, send: (frame: Uint8Array) => void (count[0]! += frame.length) };
  const options: MachineOptions = { ...UNWATCHED, nics: [{ backend }] };
  const machine = gceN1(options);
  const bdf = bdfOf(machine, 'net');
  virtioNet(DRIVER).attach(machine.port, bdf);
  deviceAt(machine, bdf).wire!.onFrame = null;
  const ring = new HandRing(machine, bdf, TRANSMIT);
  const chains = Array.from({ length: ring.size / 2 }, (_, i) => {
    const at = BUFFERS + (i % BATCH) * BUFFER;
    return [
      { at, bytes: HEADER_BYTES, writable: false },
      { at: at + HEADER_BYTES, bytes: length, writable: false },
    ];
  });
  ring.fill(chains);
  const work = (times: number) => {
    const before = count[0]!;
    let sent = 0;
    for (; sent < times; sent += BATCH) {
      ring.offer(BATCH);
      ring.kick();
    }
    const made = count[0]! - before;
    if (made !== sent * length) throw new Error(`${sent} frames: ${made} bytes came out`);
  };
  return { work, made: () => count[0]! };
}
