import type { Random } from '../../src/core/random.ts';
import { type Extent, type ScsiCommand, virtioScsi } from '../../src/guest/index.ts';
import { anyValue, mutated } from '../guest/values.ts';
import { type Act, anyBytes, anyInterrupts, attach, closing } from './player.ts';

/** Operation codes that a disk supports (SPC-4, SBC-3), and some that it does not. */
const OPCODES = [
  0x00, 0x03, 0x08, 0x0a, 0x12, 0x15, 0x1a, 0x1b, 0x1e, 0x25, 0x28, 0x2a, 0x2e, 0x2f, 0x35, 0x37, 0x41, 0x42,
  0x4d, 0x55, 0x5a, 0x5e, 0x5f, 0x83, 0x84, 0x88, 0x89, 0x8a, 0x8e, 0x8f, 0x91, 0x93, 0x9e, 0xa0, 0xa3, 0xa8,
  0xaa, 0xae, 0xaf, 0x7f, 0xc0, 0xff,
];
const CDB_LENGTHS = [6, 10, 10, 16, 16, 12, 32];
const SIZES = [0, 1, 4, 8, 24, 36, 96, 252, 512, 4096, 20_000];

/** The reference driver of host adapters scans, reads, writes and sends commands that it does not support itself. */
export const useScsi: Act = (player) => {
  const { random, handles } = player;
  if (handles.host === null || random.below(64) === 0)
    handles.host = attach(player, virtioScsi(anyInterrupts(random)));
  if (handles.host === null) return;
  for (let times = 1 + random.below(8); times > 0; times--) USES[random.below(USES.length)]!(player);
};

const scan: Act = ({ handles, random }) => void handles.host!.scanTarget(random.below(4));
const capacity: Act = ({ handles, random }) => void handles.host!.readCapacity(target(random));
const sense: Act = ({ handles, random }) => void handles.host!.modeSense(target(random));
const ready: Act = ({ handles, random }) => void handles.host!.testUnitReady(target(random));
const vpd: Act = ({ handles, random }) =>
  void handles.host!.vpd(target(random), [0, 0x80, 0x83, 0xb0, 0xb1, 0xb2][random.below(6)]!);
const flush: Act = ({ handles, random }) => handles.host!.flush(target(random));
const events: Act = ({ handles }) => void handles.host!.events();
const resetUnit: Act = ({ handles, random }) => void handles.host!.resetUnit(target(random));
const read: Act = ({ handles, random }) =>
  void handles.host!.read(target(random), lba(random), random.below(40));
const write: Act = ({ handles, random }) =>
  handles.host!.write(target(random), lba(random), anyBytes(random, 512 * (1 + random.below(16))));

const unmap: Act = ({ handles, random }) =>
  handles.host!.unmap(
    target(random),
    Array.from({ length: 1 + random.below(4) }, () => extent(random)),
  );

const any: Act = ({ handles, random }) =>
  void handles.host!.execute(target(random), random.below(8) === 0 ? 1 : 0, anyCommand(random));

const USES: readonly Act[] = [
  scan,
  capacity,
  sense,
  ready,
  vpd,
  flush,
  events,
  resetUnit,
  read,
  read,
  write,
  write,
  unmap,
  any,
  any,
  any,
  any,
  closing('host'),
];

function extent(random: Random): Extent {
  // All of a disk, whatever its size, or a piece.
  const blocks = random.below(4) === 0 ? 0x7f_ffff : anyValue(random, 4);
  return { lba: random.below(4) === 0 ? 0 : lba(random), blocks };
}

function target(random: Random): number {
  return random.below(8) === 0 ? random.below(256) : 1 + random.below(3);
}

function lba(random: Random): number {
  return random.below(4) === 0 ? anyValue(random, 4) : random.below(64);
}

/** A command whose bytes are mostly small: large ones are refused at once. */
function anyCommand(random: Random): ScsiCommand {
  const cdb = new Uint8Array(CDB_LENGTHS[random.below(CDB_LENGTHS.length)]!);
  cdb[0] = OPCODES[random.below(OPCODES.length)]!;
  for (let at = 1; at < cdb.length; at++)
    if (random.below(3) === 0) cdb[at] = mutated(random, random.below(8), 1);
  const size = SIZES[random.below(SIZES.length)]!;
  if (random.below(2) === 0) return { name: 'any', cdb, dataIn: size };
  return { name: 'any', cdb, dataOut: anyBytes(random, size) };
}
