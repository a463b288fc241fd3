import fc from 'fast-check';
import { expect, test } from 'vitest';
import { enumerate, isVirtio, virtioNet } from '../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../src/index.ts';
import { legacyQueueLayout, QUEUE_NOTIFY, VIRTQ_DESC_F, virtq_avail } from '../src/virtio/registers.ts';

/** Node has it; the types that we compile with name it only as a namespace. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
};

const RAM = 16 << 20;
const STAGING = 0x8_0000;
const TRANSMIT = 1;
/** RAM that the driver's allocations do not reach. */
const BUFFERS = 0x80_0000;
const BUFFER = 4096;

/** Private members of a machine. */
interface Inside {
  readonly device: { readonly queues: readonly { readonly address: number; readonly size: number }[] };
}

/** Frames sent by a machine whose driver makes all of them available, several at a time, before it kicks. */
function sent(
  kicks: readonly (readonly Uint8Array[])[],
  inWasm: boolean,
): { frames: Uint8Array[]; used: number } {
  const buffer = inWasm
    ? new WebAssembly.Memory({ initial: (RAM + STAGING) >> 16 })
    : new ArrayBuffer(RAM + STAGING);
  const options: MachineOptions = { judge: false, memory: { below4G: RAM, buffer, staging: STAGING } };
  const machine = gceN1(options);
  const { port } = machine;
  const { bdf } = enumerate(port).find(({ id }) => isVirtio(id, 'net'))!;
  virtioNet({ interrupts: 'polled', features: ['MAC'] }).attach(port, bdf);
  const found = machine.functions.find((each) => each.bdf === bdf)!;
  const notify = found.bars[0]!.mapped! + QUEUE_NOTIFY.offset;
  const { address, size } = (found as unknown as Inside).device.queues[TRANSMIT]!;
  const { view, bytes } = machine.chassis.board.memory.ranges[0]!;
  const layout = legacyQueueLayout(size);
  const idx = address + layout.avail + virtq_avail.offset.idx;
  let slot = 0;
  for (const frames of kicks) {
    for (const frame of frames) {
      const at = BUFFERS + (slot % size) * BUFFER;
      bytes.fill(0, at, at + 10);
      bytes.set(frame, at + 10);
      const desc = address + (slot % size) * 16;
      view.setBigUint64(desc, BigInt(at), true);
      view.setUint32(desc + 8, 10 + frame.length, true);
      view.setUint16(desc + 12, frame.length % 7 === 0 ? VIRTQ_DESC_F.WRITE : 0, true);
      view.setUint16(idx + 2 + 2 * (slot % size), slot % size, true);
      slot++;
    }
    view.setUint16(idx, slot, true);
    port.out(notify, TRANSMIT, 2);
  }
  return {
    frames: machine.nics[0]!.sent.map((frame) => frame.slice()),
    used: view.getUint16(address + layout.used + 2, true),
  };
}

const frames = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 14, max: 1514 }) },
    fc.constantFrom(0, 3, 13, 1590, 1591, 3000),
  ),
  { maxLength: 60 },
);

test('a card sends the same frames in a batch as one by one, however they are offered', () => {
  fc.assert(
    fc.property(fc.array(frames, { maxLength: 3 }), (kicks) => {
      const bytes = kicks.map((lengths, k) =>
        lengths.map((length) => Uint8Array.from({ length }, (_, i) => i * 3 + k)),
      );

      expect(sent(bytes, true)).toEqual(sent(bytes, false));
    }),
    { numRuns: 5 },
  );
});

test('all regular frames are sent', () => {
  const kick = Array.from({ length: 50 }, (_, i) => new Uint8Array(60 + i).fill(i));

  expect(sent([kick], true).frames).toEqual(kick.filter(({ length }) => length % 7 !== 0));
});
