import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { guestrig, inFolderOf } from '../../src/cli/rig.ts';

const BIOS = '/usr/share/seabios/bios.bin';
/** A boot sector that prints the text at 7C30 by INT 10h. */
const SECTOR = [
  ...[0xbe, 0x30, 0x7c, 0x2e, 0xac, 0x84, 0xc0, 0x74, 0x06, 0xb4, 0x0e, 0xcd, 0x10, 0xeb, 0xf4],
  ...[0xf4, 0xeb, 0xfd],
];

function bootableDisk(): Uint8Array {
  const disk = new Uint8Array(1 << 20);
  disk.set(SECTOR);
  disk.set(new TextEncoder().encode('booted\r\n'), 0x30);
  disk.set([0x55, 0xaa], 510);
  return disk;
}

inFolderOf({
  'disk.img': bootableDisk(),
  'empty.img': new Uint8Array(1 << 20),
  'ring.json': '{ "scsi": { "ringSize": 8192 } }',
  login: 'expect "report: ttyS0 say"\nsend "hello\\n"\nexpect /report: ttyS0 hello \\w/ within 5s\nend\n',
  deaf: 'expect "report: ttyS0 say"\nexpect "nobody says this" within 2s\n',
});

describe('guestrig boot, with SeaBIOS', () => {
  const boot = (...argv: string[]) => guestrig('boot', '--firmware', BIOS, ...argv);

  test("starts the system of a disk, shows both on the console, and does not attribute the BIOS's breaches to it", async () => {
    const { status, out } = await boot('--disk', 'disk.img', '--until', 'booted');

    expect(status).toBe(0);
    expect(out).toContain('SeaBIOS (version 1.16.3');
    expect(out).toMatch(
      / 0 fail [\s\S]*\nBroken by the firmware, which is not judged:\n {2}rtc\/NMI .*\n {2}virtio\/RESET-D1 .*\n {2}virtio\/INIT-D4 /,
    );
  });

  test('starts it from its build with system management mode, too', async () => {
    const large = ['--firmware', '/usr/share/seabios/bios-256k.bin', '--disk', 'disk.img'];

    expect(await guestrig('boot', ...large, '--until', 'booted')).toMatchObject({ status: 0 });
  });

  test('prints the last line if there is nothing to start', async () => {
    const { status, out } = await boot('--disk', 'empty.img', '--until', 'booted', '--limit', '10s');

    expect(status).toBe(1);
    expect(out).toMatch(
      /\nFAIL {2}"booted" was not printed; the last line seen is "No bootable device\. {2}Retrying in 60 seconds\."\n$/,
    );
  });

  test('gives the reason why SeaBIOS has no disk', async () => {
    const { err } = await boot('--disk', 'disk.img', '--options', 'ring.json', '--limit', '10ms');

    expect(err).toContain('scsi.ringSize is 8192: to it no disk is there\n');
  });
});

describe('guestrig boot, with Linux', () => {
  const boot = (...argv: string[]) =>
    guestrig(
      'boot',
      ...['--kernel', join(inject('guest'), 'bzImage'), '--initrd', join(inject('guest'), 'initrd')],
      ...['--append', 'console=ttyS0,115200 maxcpus=1', ...argv],
    );

  test('ends at the text of --until', async () => {
    const { status, out } = await boot('--until', 'report: init started');

    expect([status, out.includes('Linux version')]).toEqual([0, true]);
  });

  test('answers its prompts by a script', async () => {
    expect(await boot('--script', 'login')).toMatchObject({ status: 0 });
  });

  test("ends when a script's expectation fails, and not at its own end", async () => {
    const { status, out } = await boot('--script', 'deaf');

    expect(status).toBe(1);
    expect(out).toMatch(
      /\nFAIL {2}script deaf:2: "nobody says this" did not come within 2 s; the last line seen is "/,
    );
  });
});
