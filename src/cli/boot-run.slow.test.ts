import { expect, test } from 'vitest';
import { biosOf, byteTo, OFF, starting } from './bios-rig.ts';
import { guestrig, inFolderOf } from './rig.ts';

/** Three bytes in a row to a transmitter without a FIFO. */
const FLOOD = [0x61, 0x62, 0x63].flatMap((byte) => byteTo(0x3f8, byte));
const OPEN = [...byteTo(0x3fb, 3), ...byteTo(0x3fa, 0)];

inFolderOf({
  innocent: biosOf([...OPEN, ...FLOOD, ...starting(OFF)]),
  guilty: biosOf([...OPEN, ...FLOOD, ...starting([...FLOOD, ...OFF])]),
  // The system runs for two milliseconds (mov ecx, 200000; again: loop again), and returns to the BIOS, as by INT 13h.
  helped: biosOf(
    [
      ...OPEN,
      ...starting([0x66, 0xb9, 0x40, 0x0d, 0x03, 0x00, 0x67, 0xe2, 0xfd, 0xea, 0x00, 0x10, 0x00, 0xf0]),
    ],
    [...FLOOD, ...OFF],
  ),
  alone: biosOf([...OPEN, ...FLOOD, ...OFF]),
});

const boot = (bios: string, ...argv: string[]) => guestrig('boot', '--firmware', bios, ...argv);

test("a BIOS's breaches before it starts a system fail no boot, and are listed apart", async () => {
  const { status, out } = await boot('innocent');

  expect(status).toBe(0);
  expect(out).toMatch(
    / 0 fail [\s\S]*\nBroken by the firmware, which is not judged:\n {2}uart\/THR-FULL {2}MUST NOT {2}ttyS0 {2}wrote /,
  );
});

test("the system's breaches do", async () => {
  const { status, out } = await boot('guilty');

  expect(status).toBe(1);
  expect(out).toMatch(/ 1 fail [\s\S]*\nuart\/THR-FULL {2}ttyS0\n/);
});

test("a BIOS's breaches in a service for the system fail no boot, either", async () => {
  const { status, out } = await boot('helped');

  expect([status, /\n {2}uart\/THR-FULL {2}MUST NOT {2}ttyS0 .* \(2 times\)\n/.test(out)]).toEqual([0, true]);
});

test('checks of a BIOS that starts no system do not count as reached', async () => {
  const { status, out } = await boot('alone');

  expect([status, /Rules for drivers {3}0 pass {3}0 fail/.test(out)]).toEqual([0, true]);
});

test('a report for programs has both', async () => {
  const { out } = await boot('guilty', '--reporter', 'json');
  const { firmware, verdicts } = JSON.parse(out);
  const judged = verdicts.flatMap(({ findings }: { findings: { clause: string }[] }) => findings);

  expect([firmware.length, judged.length]).toEqual([1, 1]);
});
