import { Random } from '../../core/random.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { VirtioHand } from '../../machine/virtio-view.ts';
import { BLOCK } from '../../media/medium.ts';
import { judgeReport } from '../../rules/guest-report.ts';
import type { CompletionPolicy } from '../../virtio/completion/policy.ts';
import { isSame } from './differences.ts';
import { broadcastOf } from './frames.ts';
import { plain, type SuiteScenario } from './scenario.ts';

/** Entries of a ring, so few that a lost buffer is noticed. */
const FEW = 16;
const isShown = ({ virtio = 'legacy' }: MachineOptions): boolean => virtio !== 'modern';

function odd(base: MachineOptions): MachineOptions {
  const { nics = [], ...rest } = plain(base);
  return {
    ...rest,
    nics: nics.map((nic) => ({ ...nic, ringSize: FEW })),
    completion: { oddLengths: true },
  };
}

/** Lengths that a legacy device may return for what it wrote. */
export const LENGTHS: readonly SuiteScenario[] = [
  {
    name: 'a legacy card that says anything for the length of what it sent',
    why: 'devices before version 1.0 did, and a sent frame has no length to report',
    applies: isShown,
    provokes: ['virtio/NET-OP-LEG-D2'],
    needs: ['virtio', 'send'],
    options: odd,
    act: ({ machine, start, send }) => {
      start();
      sendByOddLengths(machine, send);
    },
  },
  {
    name: 'a legacy adapter that says anything for the length of its answers',
    why: 'the residual says how much came, and the status says whether it is good',
    applies: isShown,
    provokes: ['virtio/SCSI-OP-LEG-D1'],
    needs: ['scsi', 'read', 'write'],
    options: odd,
    act: ({ machine, start, read, write }) => {
      start();
      moveByOddLengths(machine, write, (lba) => read(lba, 1));
    },
  },
];

/** More than a ring of 16 entries has: a buffer that is not taken back is missed. */
const [FRAMES, FRAME_BYTES] = [24, 200];
const BLOCKS = 8;
/** Retries of a driver, and the virtual nanoseconds of each. */
const [A_WHILE, PATIENCE] = [1_000_000, 100];

/** The completion policy of the device, if the driver uses the legacy interface; null otherwise. */
function legacyPolicy({ virtio }: Machine, kind: 'net' | 'scsi'): CompletionPolicy | null {
  const device = virtio.find(({ name }) => name.startsWith(kind)) as VirtioHand | undefined;
  return device?.interface === 'legacy' ? device.fn.device.manners.completion : null;
}

/** Whether `moves` moves all of it with true lengths: later losses are then due to the lengths. */
function movesAll(policy: CompletionPolicy, all: number, moves: () => number): boolean {
  policy.oddLengths = false;
  try {
    return moves() === all;
  } finally {
    policy.oddLengths = true;
  }
}

/**
 * Has a driver send frames by a card that returns wrong lengths, and reports to the rules how many were sent: if any
 * were, if all were before, and if it uses the legacy interface.
 *
 * @param send false if there was no room.
 */
export function sendByOddLengths(machine: Machine, send: (frame: Uint8Array) => boolean): void {
  const policy = legacyPolicy(machine, 'net');
  if (policy === null) return;
  const random = new Random(machine.seed);
  const sends = (told: (out: number) => void = () => {}) => sendAll(machine, random, send, told);
  if (movesAll(policy, FRAMES, sends)) sends((out) => tell(machine, 'net0', 'frames', FRAMES, out));
}

/** @param told gets how many were sent, even if the driver throws. */
function sendAll(
  machine: Machine,
  random: Random,
  send: (frame: Uint8Array) => boolean,
  told: (out: number) => void,
): number {
  const [nic] = machine.nics;
  const frames = Array.from({ length: FRAMES }, () => broadcastOf(random, FRAME_BYTES));
  const out = () => frames.filter((frame) => nic!.sent.some((sent) => isSame(sent, frame))).length;
  try {
    for (const frame of frames) sendOrWait(machine, () => send(frame));
    machine.port.wait(() => out() === FRAMES, PATIENCE * A_WHILE);
  } finally {
    told(out());
  }
  return out();
}

/**
 * Has a driver write blocks and read them, and reports to the rules how many were read back unchanged, if all were
 * before.
 */
export function moveByOddLengths(
  machine: Machine,
  write: (lba: number, bytes: Uint8Array) => void,
  read: (lba: number) => Uint8Array,
): void {
  const policy = legacyPolicy(machine, 'scsi');
  if (policy === null) return;
  const random = new Random(machine.seed);
  const moves = (told: (right: number) => void = () => {}) => moveAll(random, write, read, told);
  if (movesAll(policy, BLOCKS, moves)) moves((right) => tell(machine, 'scsi0', 'blocks', BLOCKS, right));
}

/** @param told gets how many were read back, even if the driver throws. */
function moveAll(
  random: Random,
  write: (lba: number, bytes: Uint8Array) => void,
  read: (lba: number) => Uint8Array,
  told: (right: number) => void,
): number {
  let right = 0;
  try {
    for (let lba = 0; lba < BLOCKS; lba++) {
      const bytes = new Uint8Array(BLOCK);
      random.fill(bytes);
      write(lba, bytes);
      if (isSame(read(lba), bytes)) right++;
    }
  } finally {
    told(right);
  }
  return right;
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
  judgeReport(machine.journal, { of: 'lengths', what: { subject, moves, lost } });
}
