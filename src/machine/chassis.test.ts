import { expect, test } from 'vitest';
import type { GuestPort } from '../core/guest-port.ts';
import { gceN1 } from './gce-n1.ts';

function item(port: GuestPort, key: number, length: number): number[] {
  port.out(0x510, key, 2);
  return Array.from({ length }, () => port.in(0x511, 1));
}

test('fw_cfg is there if it is asked for, and reports RAM below and above 4 GiB', () => {
  const memory = { below4G: 4 << 20, above4G: 2 << 20 };
  const { port } = gceN1({ fwCfg: true, memory });
  expect(item(port, 0x03, 8)).toEqual([0, 0, 0x60, 0, 0, 0, 0, 0]);
  expect(item(port, 0x20, 40)).toEqual([
    ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 1, 0, 0, 0],
    ...[0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 1, 0, 0, 0],
  ]);
});

test('it says how many CPUs there are, and how many there is room for', () => {
  const { port } = gceN1({ fwCfg: true, vcpus: 2, maxCpus: 256 });

  expect([item(port, 0x05, 2), item(port, 0x0f, 2)]).toEqual([
    [2, 0],
    [0, 1],
  ]);
});

test('a reset of the platform chooses the signature again', () => {
  const { port } = gceN1({ fwCfg: true });
  item(port, 0x03, 1);
  port.out(0xcf9, 0x06, 1);
  expect([port.in(0x511, 1), port.in(0x511, 1)]).toEqual([0x51, 0x45]);
});

test('without the option no device answers', () => {
  expect(item(gceN1().port, 0x00, 2)).toEqual([0xff, 0xff]);
});

test('it has the files of the option, too: a number in 64 bits, a text as it is', () => {
  const { port } = gceN1({ fwCfg: { files: { 'etc/sercon-port': 0x1_0000_03f8, 'opt/name': 'mine' } } });

  expect([item(port, 0x21, 8), item(port, 0x22, 5)]).toEqual([
    [0xf8, 0x03, 0, 0, 1, 0, 0, 0],
    [0x6d, 0x69, 0x6e, 0x65, 0],
  ]);
});

test.each([
  [{ 'etc/größe': 1 }, 'fwCfg.files.etc/größe'],
  [{ ['n'.repeat(56)]: 1 }, 'fwCfg.files.nnn'],
  [{ 'etc/a': -1 }, 'fwCfg.files.etc/a must be a whole number of 0 or more, a string or bytes'],
  [{ 'etc/a': [1] }, 'fwCfg.files.etc/a must be a whole number of 0 or more, a string or bytes'],
  [{ 'etc/e820': 'x' }, 'fwCfg.files.etc/e820 must be a name'],
])('%j are no files of it', (files, said) => {
  expect(() => gceN1({ fwCfg: { files: files as Record<string, number> } })).toThrow(said);
});

test.each([
  [
    'more files than there are keys',
    Object.fromEntries(Array.from({ length: 16_352 }, (_, i) => [`f${i}`, 1])),
  ],
  ['bytes, each of them a file', new Uint8Array(1 << 24)],
])('%s are refused, and not gone through', (_what, files) => {
  expect(() => gceN1({ fwCfg: { files: files as Record<string, number> } })).toThrow(
    'fwCfg must be true, false or an object',
  );
});

test('a guest has all RAM again after a reset, and none of it twice', () => {
  const machine = gceN1({ memory: { below4G: 64 << 20 } });
  // Gaps of 18 KiB on average lie between them: three times as many would not fit.
  const given = [1, 2, 3, 4, 5, 6].map(() => {
    machine.reset('hard');
    return new Set(Array.from({ length: 1000 }, () => machine.port.allocate(4096, 4096))).size;
  });
  expect(given).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
});
