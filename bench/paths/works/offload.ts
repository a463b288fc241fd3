import { GuestMemory } from '../../../src/core/memory.ts';
import type { Staging } from '../../../src/core/staging.ts';
import type { HasBuffer } from '../../../src/core/wasm/kernels.ts';
import { internetSum } from '../../../src/net/frame/checksum.ts';
import { makeFrame } from '../../../src/net/frame/make.ts';
import { Coalescer, NO_JOINS, Segmenter } from '../../../src/net/offload/index.ts';
import { MSS, SEGMENTS } from '../cells.ts';
import type { Work } from './ring.ts';

/** Node has it; the types that we compile with name it only as a namespace. */
declare const WebAssembly: { readonly Memory: new (size: { initial: number }) => HasBuffer };

const FRAME_MOST = 0x1_8000;
const PAGE = 0x1_0000;

const large = makeFrame({ payload: new Uint8Array(SEGMENTS * MSS).map((_, i) => i * 7), sum: 'partial' });
const bytes = new Uint8Array(65_536).map((_, i) => i * 7);

/** Parts of the staging of a machine's devices. */
function pieces(plain: boolean): (length: number) => Staging {
  const memory = plain
    ? GuestMemory.of(PAGE)
    : GuestMemory.of(PAGE, new WebAssembly.Memory({ initial: 16 }), undefined, 15 * PAGE);
  return (length) => memory.staging(length);
}

export function cut(plain: boolean): Work {
  const piece = pieces(plain);
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

/** Frames come from outside, each in its own buffer. */
export function join(): Work {
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

export function sum(length: number, plain: boolean): Work {
  const summed = pieces(plain)(bytes.length).bytes;
  summed.set(bytes);
  let made = 0;
  const work = (times: number) => {
    let sums = 0;
    for (let i = 0; i < times; i++) sums += internetSum(summed, 0, length);
    made += sums;
  };
  return { work, made: () => made };
}
