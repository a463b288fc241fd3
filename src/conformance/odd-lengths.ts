import { Random } from '../core/random.ts';
import type { VirtioNic } from '../machine/devices/nic.ts';
import type { Machine } from '../machine/machine.ts';
import { tellRules } from '../rules/told.ts';

/** More than a ring of 16 entries has: a buffer that is not taken back is missed. */
const [FRAMES, FRAME_BYTES] = [24, 200];
const [BLOCKS, BLOCK] = [8, 512];
const EXPERIMENTAL = [0x88, 0xb5];
/** What a driver may need, in virtual nanoseconds. */
const [A_WHILE, PATIENCE] = [1_000_000, 100];

/** By which interface the driver uses a device of ours; what is no device of ours is none. */
function isLegacy({ virtio }: Machine, kind: 'net' | 'scsi'): boolean {
  return virtio.find(({ name }) => name.startsWith(kind))?.interface === 'legacy';
}

/**
 * Has a driver send frames by a card that says odd lengths, and tells the rules how many went out: if any did, and if it uses the
 * legacy interface.
 *
 * @param send false where it had no room.
 */
export function sendByOddLengths(machine: Machine, send: (frame: Uint8Array) => boolean): void {
  if (!isLegacy(machine, 'net')) return;
  const nic = machine.nics[0] as VirtioNic;
  const random = new Random(machine.seed);
  const frames = Array.from({ length: FRAMES }, () => frameOf(random));
  const out = () => frames.filter((frame) => nic.sent.some((sent) => isSame(sent, frame))).length;
  try {
    for (const frame of frames) sendOrWait(machine, () => send(frame));
    machine.port.wait(() => out() === FRAMES, PATIENCE * A_WHILE);
  } finally {
    tell(machine, 'net0', 'frames', FRAMES, out());
  }
}

/** Has a driver write blocks and read them, and tells the rules how many came back as they were. */
export function moveByOddLengths(
  machine: Machine,
  write: (lba: number, bytes: Uint8Array) => void,
  read: (lba: number) => Uint8Array,
): void {
  if (!isLegacy(machine, 'scsi')) return;
  const random = new Random(machine.seed);
  let right = 0;
  try {
    for (let lba = 0; lba < BLOCKS; lba++) {
      const bytes = new Uint8Array(BLOCK);
      random.fill(bytes);
      write(lba, bytes);
      if (isSame(read(lba), bytes)) right++;
    }
  } finally {
    tell(machine, 'scsi0', 'blocks', BLOCKS, right);
  }
}

function sendOrWait({ port }: Machine, send: () => boolean): void {
  for (let tries = 0; tries < PATIENCE && !send(); tries++) port.wait(() => false, A_WHILE);
}

function tell(
  machine: Machine,
  subject: string,
  moves: 'frames' | 'blocks',
  all: number,
  done: number,
): void {
  if (done === 0) return;
  const lost = done === all ? null : `${all - done} of ${all} ${moves}`;
  tellRules(machine.journal, { of: 'lengths', what: { subject, moves, lost } });
}

function frameOf(random: Random): Uint8Array {
  const frame = new Uint8Array(FRAME_BYTES);
  random.fill(frame);
  frame.fill(0xff, 0, 6);
  frame.set(EXPERIMENTAL, 12);
  return frame;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
