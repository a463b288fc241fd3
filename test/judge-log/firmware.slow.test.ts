import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { biosOf, byteTo, OFF, starting } from '../../src/cli/bios-rig.ts';
import { FirmwareTurn } from '../../src/cli/qemu/firmware-turn.ts';
import { guestrig } from '../../src/cli/rig.ts';
import { verdictsOf } from '../../src/conformance/verdict.ts';
import { recordMachine } from '../../src/hosts/log/record/record.ts';
import { gceN1 } from '../../src/index.ts';
import { JsonLines } from '../../src/trace/index.ts';
import { replayed } from './recorded.ts';

/** Three bytes in a row to a transmitter without a FIFO. */
const FLOOD = [0x61, 0x62, 0x63].flatMap((byte) => byteTo(0x3f8, byte));
const OPEN = [...byteTo(0x3fb, 3), ...byteTo(0x3fa, 0)];
/** The system runs for two milliseconds (mov ecx, 200000; again: loop again), and returns to the BIOS, as by INT 13h. */
const ASKS_BIOS = [0x66, 0xb9, 0x40, 0x0d, 0x03, 0x00, 0x67, 0xe2, 0xfd, 0xea, 0x00, 0x10, 0x00, 0xf0];
const BIOSES = {
  innocent: biosOf([...OPEN, ...FLOOD, ...starting(OFF)]),
  guilty: biosOf([...OPEN, ...FLOOD, ...starting([...FLOOD, ...OFF])]),
  helped: biosOf([...OPEN, ...starting(ASKS_BIOS)], [...FLOOD, ...OFF]),
};
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestrig-'));
  for (const [name, image] of Object.entries(BIOSES)) writeFileSync(join(folder, name), image);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The reports for programs of a boot, and of its log. */
async function both(bios: string) {
  const trace = join(folder, `${bios}.jsonl`);
  const json = ['--reporter', 'json'];
  const boot = await guestrig('boot', '--firmware', join(folder, bios), '--trace', trace, ...json);
  const log = await guestrig('judge-log', trace, ...json);
  return { boot: { ...boot, ...JSON.parse(boot.out) }, log: { ...log, ...JSON.parse(log.out) } };
}

const told = (firmware: readonly { clause: string; said: string; count: number }[]) =>
  firmware.map(({ clause, said, count }) => [clause, said, count]);

test.each(['guilty', 'helped'])(
  'the log of a boot tells whose doing it was, and comes to its verdict: %s',
  async (bios) => {
    const { boot, log } = await both(bios);
    const reached = new Set(
      log.verdicts.flatMap(({ clause, met }: { clause: string; met: number }) => (met > 0 ? [clause] : [])),
    );
    const judged = (verdicts: readonly { clause: string }[]) =>
      verdicts.filter(({ clause }) => reached.has(clause));

    expect(log.log.damaged).toEqual([]);
    expect([log.status, told(log.firmware)]).toEqual([boot.status, told(boot.firmware)]);
    expect(judged(log.verdicts)).toEqual(judged(boot.verdicts));
  },
);

test("a log's report lists a firmware's breaches in words", async () => {
  await both('innocent');

  const { status, out } = await guestrig('judge-log', join(folder, 'innocent.jsonl'));

  expect(status).toBe(0);
  expect(out).toMatch(
    /\nBroken by the firmware, which is not judged:\n {2}uart\/THR-FULL {2}MUST NOT {2}ttyS0 /,
  );
});

describe('SeaBIOS on QEMU', () => {
  /** Of the legacy header. */
  const DEVICE_STATUS = 18;
  const PLACES = { scsi0: 0xc000, net0: 0xc100, rng0: 0xc200 } as const;
  type Name = keyof typeof PLACES;

  function run() {
    const said = join(folder, 'said');
    writeFileSync(said, '');
    const machine = gceN1({ firmware: false, rng: true });
    const lines: string[] = [];
    const writer = new JsonLines((line) => lines.push(line));
    recordMachine(machine, (record) => writer.add(record));
    const turn = new FirmwareTurn(machine, said);
    const statusOf = (name: Name) => PLACES[name] + DEVICE_STATUS;
    // DRIVER_OK alone, which breaks virtio/STATUS-D1 as it is written.
    const hasty = (name: Name) => machine.port.out(statusOf(name), 4, 1);
    const reset = (name: Name) => machine.port.out(statusOf(name), 0, 1);
    const place = (name: Name) => {
      const { bdf } = machine.functions.find((fn) => fn.name === name)!;
      for (const [register, value] of [[0x10, PLACES[name]] as const, [4, 1] as const]) {
        machine.port.out(0xcf8, 0x8000_0000 | (bdf << 8) | register, 4);
        machine.port.out(0xcfc, value, 2);
      }
    };
    return { machine, lines, turn, say: (text: string) => appendFileSync(said, text), hasty, reset, place };
  }

  test("accesses after the hand-over are the guest's, in the log too", () => {
    const { machine, lines, turn, say, hasty, reset, place } = run();
    say('SeaBIOS (version 1.17.0)\n');
    for (const name of ['rng0', 'net0', 'scsi0'] as const) place(name);
    for (const name of ['rng0', 'net0', 'scsi0'] as const) hasty(name);
    reset('net0');
    say('Booting from Hard Disk...\n');
    for (const name of ['rng0', 'net0', 'scsi0', 'net0'] as const) hasty(name);
    turn.close();
    const { findings, excused } = machine.journal;

    const again = replayed(lines);

    expect(again.departure).toBeNull();
    expect([findings.length > 0, excused.length > 0]).toEqual([true, true]);
    expect(again.verdicts).toEqual(verdictsOf(machine.journal));
    expect(told(again.machine.journal.excused)).toEqual(told(excused));
  });
});
