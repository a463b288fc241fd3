import { GuestMemory } from '../../src/core/memory.ts';
import type { Staging } from '../../src/core/staging.ts';
import type { HasBuffer } from '../../src/core/wasm/kernels.ts';
import { enumerate, isVirtio, virtioNet } from '../../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../../src/index.ts';
import { internetSum } from '../../src/net/frame/checksum.ts';
import { makeFrame } from '../../src/net/frame/make.ts';
import { Coalescer, NO_JOINS, Segmenter } from '../../src/net/offload/index.ts';
import { legacyQueueLayout, VIRTQ_DESC_F, virtq_avail, virtq_desc } from '../../src/virtio/registers.ts';
import { MSS, SEGMENTS } from './cells.ts';

/** Node has it; the types that we compile with name it only as a namespace. */
declare const WebAssembly: { readonly Memory: new (size: { initial: number }) => HasBuffer };

const FRAME_MOST = 0x1_8000;
const PAGE = 0x1_0000;
const RAM = 16 << 20;
const STAGING = 0x8_0000;
/** Where the guest has its receive buffers: RAM that no allocation reaches. */
const BUFFERS = 0x80_0000;
const BUFFER = 2048;
const BATCH = 256;

/** Does something so many times; what came of it shows that nothing was left out. */
export interface Work {
  readonly work: (times: number) => void;
  readonly made: () => number;
}

const large = makeFrame({ payload: new Uint8Array(SEGMENTS * MSS).map((_, i) => i * 7), sum: 'partial' });
const bytes = new Uint8Array(65_536).map((_, i) => i * 7);

/** Pieces of what a machine's devices have behind RAM. */
function pieces(wasm: boolean): (length: number) => Staging {
  const memory = wasm
    ? GuestMemory.of(PAGE, new WebAssembly.Memory({ initial: 8 }), undefined, 7 * PAGE)
    : GuestMemory.of(PAGE);
  return (length) => memory.staging(length);
}

function cut(wasm: boolean): Work {
  const piece = pieces(wasm);
  const frame = piece(FRAME_MOST).bytes.subarray(0, large.length);
  frame.set(large);
  const segmenter = new Segmenter(piece(FRAME_MOST));
  let made = 0;
  const count = { send: () => made++ };
  const work = (times: number) => {
    for (let i = 0; i < times; i++) segmenter.segment(frame, 'TCPV4', MSS, count);
  };
  return { work, made: () => made };
}

function join(): Work {
  const segments: Uint8Array[] = [];
  new Segmenter().segment(large, 'TCPV4', MSS, { send: (frame) => segments.push(frame.slice()) });
  let joined = 0;
  const coalescer = new Coalescer({ deliver: (packet) => (joined += packet.segments) });
  coalescer.joins = { ...NO_JOINS, tcp4: true };
  const work = (times: number) => {
    for (let i = 0; i < times; i++) {
      for (const segment of segments) coalescer.add(segment);
      coalescer.flush();
    }
  };
  return { work, made: () => joined };
}

function sum(length: number, wasm: boolean): Work {
  const summed = pieces(wasm)(bytes.length).bytes;
  summed.set(bytes);
  let made = 0;
  const work = (times: number) => {
    for (let i = 0; i < times; i++) made += internetSum(summed, 0, length);
  };
  return { work, made: () => made };
}

/** The guest's buffers recur; only the index of its ring moves. */
function receive(wasm: boolean): Work {
  const pages = (RAM + STAGING) / PAGE;
  const lent = wasm ? { buffer: new WebAssembly.Memory({ initial: pages }), staging: STAGING } : {};
  const options: MachineOptions = { judge: false, patience: false, memory: { below4G: RAM, ...lent } };
  const machine = gceN1(options);
  const { bdf } = enumerate(machine.port).find(({ id }) => isVirtio(id, 'net'))!;
  virtioNet({ interrupts: 'polled', features: ['MAC', 'MRG_RXBUF', 'STATUS'] }).attach(machine.port, bdf);
  const { device } = machine.functions.find((each) => each.bdf === bdf) as unknown as Inside;
  const { address, size } = device.queues[0]!;
  const { view, halves } = machine.chassis.board.memory.ranges[0]!;
  const idx = (address + legacyQueueLayout(size).avail + virtq_avail.offset.idx) / 2;
  const used = (address + legacyQueueLayout(size).used) / 2 + 1;
  for (let slot = 0; slot < size; slot++) {
    const at = address + slot * virtq_desc.size;
    view.setBigUint64(at, BigInt(BUFFERS + (slot % BATCH) * BUFFER), true);
    view.setUint32(at + 8, BUFFER, true);
    view.setUint16(at + 12, VIRTQ_DESC_F.WRITE, true);
    halves[idx + 1 + slot] = slot;
  }
  // What the driver put there before it is to be used up first.
  halves[idx] = halves[used]! + size;
  const frame = makeFrame({ payload: new Uint8Array(1446).fill(0x5a) });
  const nic = machine.nics[0]!;
  let made = 0;
  const work = (times: number) => {
    for (let i = 0; i < times; i += BATCH) {
      const before = halves[used]!;
      halves[idx] = before + size;
      // The guest looks, and time goes by: no card does all at one point of it.
      machine.port.in(0x61, 1);
      for (let k = 0; k < BATCH; k++) nic.receive(frame);
      made += (halves[used]! - before) & 0xffff;
    }
    if (made % BATCH !== 0) throw new Error('a frame found no buffer');
  };
  return { work, made: () => made };
}

/** What a machine does not show its users. */
interface Inside {
  readonly device: { readonly queues: readonly { readonly address: number; readonly size: number }[] };
}

/** By the name of the cell. Made once, and kept. */
export const WORKS: Readonly<Record<string, () => Work>> = Object.fromEntries(
  Object.entries<() => Work>({
    cut: () => cut(false),
    'cut, wasm': () => cut(true),
    join,
    receive: () => receive(false),
    'receive, wasm': () => receive(true),
    'sum 64': () => sum(64, false),
    'sum 1500': () => sum(1500, false),
    'sum 1500, wasm': () => sum(1500, true),
    'sum 65536': () => sum(65_536, false),
    'sum 65536, wasm': () => sum(65_536, true),
  }).map(([name, make]) => {
    let made: Work | null = null;
    return [name, () => (made ??= make())];
  }),
);
