import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { elfOf, HALT, outb, outw } from '../hosts/boot/kernel-rig.ts';
import { biosOf, byteTo, OFF } from './bios-rig.ts';
import type { Keyboard } from './io.ts';
import { guestrig, inFolderOf } from './rig.ts';
import { run } from './run.ts';

/** Writes 1 to the scratch register and resets; finds it there again and powers off. */
const TWICE = [
  ...[0x66, 0xba, 0xff, 0x03, 0xec], // mov dx, 3ff; in al, dx
  ...[0x3c, 0x01, 0x74, 0x0e], // cmp al, 1; je off
  ...outb(0x3ff, 1),
  ...outb(0xcf9, 6),
  ...outw(0xb004, 0x2000), // off:
  ...HALT,
];
/** Eight bits a character; FIFO on; "ok". */
const BIOS = [
  ...byteTo(0x3fb, 3),
  ...byteTo(0x3fa, 1),
  ...byteTo(0x3f8, 0x6f),
  ...byteTo(0x3f8, 0x6b),
  ...OFF,
];

inFolderOf({
  off: elfOf([...outw(0xb004, 0x2000), ...HALT]),
  hot: elfOf([...outb(0x3fa, 1), ...outb(0x3fb, 3), ...outb(0x3f8, 0x68), ...outb(0x3f8, 0x69), ...HALT]),
  twice: elfOf(TWICE),
  spins: elfOf([0xeb, 0xfe]),
  bios: biosOf(BIOS),
  initrd: new Uint8Array(16 << 20),
  'small.json': '{ "memory": { "below4G": 16777216 } }',
  // So that all output is sent before power-off.
  'instant.json': '{ "serial": { "pace": "instant" } }',
});

describe('guestrig boot', () => {
  test('ends when the guest powers off, with the verdict', async () => {
    const { status, out } = await guestrig('boot', '--kernel', 'off');
    expect(status).toBe(0);
    expect(out).toMatch(/^\nRules for drivers {3}\d+ pass {3}0 fail/);
  });

  test('refuses an initrd that RAM has no room for, and names the file', async () => {
    const argv = ['--kernel', 'off', '--initrd', 'initrd', '--options', 'small.json'];
    const { status, err } = await guestrig('boot', ...argv);
    expect(status).toBe(2);
    expect(err).toMatch(/^initrd initrd: must be at most \d+ bytes beside this kernel; got 16777216\n$/);
  });

  test('runs a BIOS in place of Linux, on a machine with other options', async () => {
    const { status, out } = await guestrig('boot', '--firmware', 'bios', '--options', 'instant.json');
    expect([status, out.split('\n', 1)[0]]).toEqual([0, 'ok']);
  });

  test('runs it on the machine of a series, and refuses one whose processor no host has', async () => {
    const argv = ['boot', '--firmware', 'bios', '--options', 'instant.json', '--reporter', 'json'];
    const c3 = await guestrig(...argv, '--machine', 'c3');
    const t2a = await guestrig(...argv, '--machine', 't2a');

    expect([c3.status, JSON.parse(c3.out).profile]).toEqual([0, 'gce-c3']);
    expect([t2a.status, t2a.err]).toEqual([2, '--machine: is an Arm, and no host here is one\n']);
  });

  test('shows the console, and takes keyboard input until Ctrl-C', async () => {
    const said = { out: '' };
    // Ctrl-C comes after this output.
    const stops: Record<string, () => void> = {};
    const out = (text: string) => {
      said.out += text;
      stops[said.out]?.();
    };
    const listen: Keyboard['listen'] = (_type, stop) => {
      stops['hi'] = stop;
      return () => out(']');
    };
    await run(['boot', '--kernel', 'hot'], {
      out,
      err: () => {},
      color: false,
      keyboard: { live: false, listen },
    });
    expect(said.out).toMatch(/^hi\]\nRules/);
  });

  test('tells a user who has waited already what a silent guest does', async () => {
    const said = { err: '' };
    await run(['boot', '--kernel', 'spins', '--limit', '3s'], {
      out: () => {},
      err: (text) => void (said.err += text),
      color: false,
      begun: performance.now() - 60_000,
    });
    expect(said.err).toMatch(/^guestrig: nothing printed for \d\d\.\d s; after /);
  });

  test('boots again when the guest resets', async () => {
    const { status } = await guestrig('boot', '--kernel', 'twice', '--log', 'twice.log');
    const resets = readFileSync('twice.log', 'utf8').match(/ 0cf9 1 +06/g);
    expect([status, resets?.length]).toEqual([0, 1]);
  });
});
