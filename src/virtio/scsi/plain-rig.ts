import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { MemoryMedium } from '../../media/memory.ts';
import { ANY_LAYOUT, REQUEST, ScsiRig } from './scsi-rig.ts';

export const BLOCKS = 64;
/** Where the rig has buffers of requests. */
const BUFFERS = 0x28_0000;
/** Of a disk that fails from here on. */
const WORN = 48 * 512;

export class WornMedium extends MemoryMedium {
  readonly calls: string[] = [];

  override read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    this.calls.push(`read ${offset} ${length}`);
    return offset + length <= WORN && super.read(offset, into, at, length);
  }

  override write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    this.calls.push(`write ${offset} ${length}`);
    return offset + length <= WORN && super.write(offset, from, at, length);
  }
}

const digest = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex');

export interface Asked {
  readonly cdb: string;
  readonly lun: string;
  readonly id: bigint;
  readonly tagging?: string;
  /** Of the data that goes out, and of the room for what comes in: what each buffer has. */
  readonly out: readonly number[];
  readonly room: readonly number[];
  /** Bytes of the buffer with the response. */
  readonly answer?: number;
}

/** Where commands are heard of, they go the general way. */
export function rigOf(heard: boolean, judged = false): ScsiRig {
  const rig = new ScsiRig({ ringSize: 256 });
  if (!judged) rig.device.watchedBy(null);
  rig.device.addDisk(2, 1, new MemoryMedium(BLOCKS * 512));
  rig.device.addDisk(2, 0, new WornMedium(BLOCKS * 512));
  rig.device.hearAttentions();
  rig.device.addDisk(3, 0, new MemoryMedium(BLOCKS * 512));
  if (heard) rig.device.onCommand = () => {};
  return rig.start(ANY_LAYOUT);
}

/** All that the guest and the disks hold after kicks with so many requests each. */
export function played(kicks: readonly (readonly Asked[])[], heard: boolean, rig = rigOf(heard)) {
  const guest = rig.guests[REQUEST]!;
  for (const kick of kicks) {
    for (const { out, room, answer = 108, ...ask } of kick) {
      const sent = out.map((length, i) => new Uint8Array(length).fill(i + 1 + Number(ask.id)));
      guest.offer(guest.chain(rig.header(ask), ...sent, answer, ...room));
    }
    rig.kick(REQUEST);
  }
  const disks = [...rig.device.targets.values()].map(({ units }) => {
    const bytes = new Uint8Array(WORN);
    const { medium } = units.get(0)!;
    const calls = medium instanceof WornMedium ? [...medium.calls] : [];
    medium.read(0, bytes, 0, WORN);
    return [digest(bytes), calls];
  });
  return { used: guest.take(), ram: digest(guest.bytes.subarray(BUFFERS, BUFFERS + 0x4_0000)), disks };
}

export const u32 = (value: number) => value.toString(16).padStart(8, '0');
export const mostly = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 15, arbitrary: usual }, { weight: 1, arbitrary: odd });
