import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { guestrig } from '../../../src/cli/rig.ts';
import { elfOf, HALT, lidt, UD2 } from '../../../src/hosts/boot/kernel-rig.ts';
import { workFolder } from '../work-folder.ts';
import { guest64, NEEDS, SAYS } from './guest64.ts';
import { REFUSED } from './there.ts';

const SEABIOS = '/usr/share/seabios/bios-256k.bin';
const TEXT = [...new TextEncoder().encode('booted\n')];
/** Prints TEXT on COM1, where the BIOS shows its screen: with interrupts off, so that it is in one piece. */
const SECTOR = [
  [0xfa, 0xbe, 0x1f, 0x7c], // cli; mov si, text
  [0x2e, 0xac, 0x84, 0xc0, 0x74, 0x11], // next: cs lodsb; test al, al; jz over
  [0x88, 0xc3, 0xba, 0xfd, 0x03], // mov bl, al; mov dx, 3fd
  [0xec, 0xa8, 0x20, 0x74, 0xfb], // wait: in al, dx; test al, 20; jz wait
  [0xb2, 0xf8, 0x88, 0xd8, 0xee], // mov dl, f8; mov al, bl; out dx, al
  [0xeb, 0xe9], // jmp next
  [0xfb, 0xf4, 0xeb, 0xfd], // over: sti; hlt; jmp to it
  TEXT, // text:
].flat();
const SCRIPT = 'expect "type\\n"\nsend "x"\nexpect "off\\n"\n';

const folder = workFolder();
const inFolder = (name: string) => join(folder, name);
const boot = (...argv: string[]) => guestrig('boot', '--on', 'kvm:slow', '--limit', '100s', ...argv);

beforeAll(() => {
  const disk = new Uint8Array(1 << 20);
  disk.set(SECTOR);
  disk.set([0x55, 0xaa], 510);
  writeFileSync(inFolder('disk'), disk);
  writeFileSync(inFolder('modern.json'), JSON.stringify({ ...NEEDS, serial: { pace: 'instant' } }));
  writeFileSync(inFolder('script'), SCRIPT);
  writeFileSync(inFolder('crashes'), elfOf([...lidt(0, 0), ...UD2]));
  writeFileSync(inFolder('halts'), elfOf(HALT));
});

describe.runIf(REFUSED === null)('guestrig boot --on kvm:slow', () => {
  test("shows a 64-bit guest's output, types to it by a script, and ends with the verdict", async () => {
    const kernel = guest64(folder);

    const { status, out } = await boot(
      ...['--kernel', kernel, '--options', inFolder('modern.json'), '--script', inFolder('script')],
    );

    expect(out.startsWith(SAYS)).toBe(true);
    expect(out).toMatch(/\n(The script is over|The guest powered off), after [\d.]+ s of its time\.\n$/);
    expect(status).toBe(0);
  });

  test('fails with a crash, and reports its registers', async () => {
    const { status, out } = await boot('--kernel', inFolder('crashes'));

    expect(status).toBe(1);
    expect(out).toMatch(
      /^\nThe guest crashed: a fault while it took a fault, three times over\.\n {2}CS:RIP 0010:[0-9a-f]{16} /,
    );
  });

  test('has a crash for programs, too', async () => {
    const { out } = await boot('--kernel', inFolder('crashes'), '--reporter', 'json');

    expect(JSON.parse(out).end.crash).toMatchObject({ unable: null, cs: 16 });
  });

  test('runs a BIOS, which boots a disk by our SCSI adapter', async () => {
    const { status } = await boot(
      ...['--firmware', SEABIOS, '--disk', inFolder('disk'), '--until', 'booted'],
    );

    expect(status).toBe(0);
  });
});

test('guestrig boot --on kvm runs a guest, or gives the reason in one line why not', async () => {
  const { status, err } = await guestrig('boot', '--on', 'kvm', '--kernel', inFolder('halts'));

  expect([status, err]).toEqual([
    ...(err === '' ? [0, ''] : [2, expect.stringMatching(/^(kvm|koffi): [^\n]+\n$/)]),
  ]);
});
