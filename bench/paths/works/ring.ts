import { barAddress, enumerate, isVirtio } from '../../../src/guest/index.ts';
import type { Machine } from '../../../src/index.ts';
import {
  legacyQueueLayout,
  QUEUE_NOTIFY,
  VIRTQ_DESC_F,
  virtq_avail,
  virtq_desc,
} from '../../../src/virtio/registers.ts';

const { NEXT, WRITE } = VIRTQ_DESC_F;

/** Repeats a work so many times; the result proves that nothing was skipped. */
export interface Work {
  readonly work: (times: number) => void;
  readonly made: () => number;
}

/** A number for what is counted by each frame: beyond 2^31 the engine makes an object for each new value of a variable. */
export const newCount = () => new Float64Array(1);

/** A buffer of a chain. */
export interface Part {
  readonly at: number;
  readonly bytes: number;
  readonly writable: boolean;
}

/** Internals of a machine. */
interface Inside {
  readonly queues: readonly { readonly address: number; readonly size: number }[];
  /** For a NIC: what it notifies the machine of. */
  readonly wire?: { onFrame: null };
}

export function bdfOf(machine: Machine, type: 'net' | 'scsi'): number {
  return enumerate(machine.port).find(({ id }) => isVirtio(id, type))!.bdf;
}

export function deviceAt(machine: Machine, bdf: number): Inside {
  const fn = machine.functions.find((each) => each.bdf === bdf)! as unknown as { readonly device: Inside };
  return fn.device;
}

/** A ring filled without the machine's knowledge, whose buffers recur: only its index moves. */
export class HandRing {
  readonly size: number;
  private readonly machine: Machine;
  private readonly index: number;
  private readonly notify: number;
  private readonly address: number;
  private readonly halves: Uint16Array;
  private readonly view: DataView;
  private readonly idx: number;
  private readonly used: number;

  constructor(machine: Machine, bdf: number, index: number) {
    const { address, size } = deviceAt(machine, bdf).queues[index]!;
    const { view, halves } = machine.chassis.board.memory.ranges[0]!;
    const layout = legacyQueueLayout(size);
    this.machine = machine;
    this.index = index;
    this.notify = barAddress(machine.port, bdf, 0)!.address + QUEUE_NOTIFY.offset;
    this.size = size;
    this.address = address;
    this.view = view;
    this.halves = halves;
    this.idx = (address + layout.avail + virtq_avail.offset.idx) / 2;
    this.used = (address + layout.used) / 2 + 1;
  }

  /** Chains of so many buffers each, consecutive in the table; slot `i` has chain `i`, starting over after the last. */
  fill(chains: readonly (readonly Part[])[]): void {
    const { view, address, halves, idx, size } = this;
    const longest = chains[0]!.length;
    for (const [i, parts] of chains.entries())
      for (const [k, { at, bytes, writable }] of parts.entries()) {
        const entry = address + (i * longest + k) * virtq_desc.size;
        const last = k + 1 === parts.length;
        view.setBigUint64(entry, BigInt(at), true);
        view.setUint32(entry + 8, bytes, true);
        view.setUint16(entry + 12, (writable ? WRITE : 0) | (last ? 0 : NEXT), true);
        view.setUint16(entry + 14, last ? 0 : i * longest + k + 1, true);
      }
    for (let slot = 0; slot < size; slot++) halves[idx + 1 + slot] = (slot % chains.length) * longest;
    // Chains that the driver added earlier must be used up first.
    halves[idx] = halves[this.used]!;
  }

  /** Makes so many more available. */
  offer(count: number): void {
    this.halves[this.idx] = this.halves[this.idx]! + count;
  }

  /** By the port. */
  kick(): void {
    this.machine.port.out(this.notify, this.index, 2);
  }

  /** Sets how many are available. */
  offerAll(): void {
    this.halves[this.idx] = this.halves[this.used]! + this.size;
  }

  /** The used index, 0 to ffff. */
  get usedIndex(): number {
    return this.halves[this.used]!;
  }
}
