import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { virtioScsiDriver } from '../src/guest/index.ts';
import { FileMedium, gceN1, OverlayMedium } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'guestrig-images-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ONES = new Uint8Array(64 * 512).fill(1);
const TWOS = new Uint8Array(512).fill(2);

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test.each([
  ['qcow2', 'QFI\xfb\0\0\0\x03', 'a qcow2 image'],
  ['vmdk', 'KDMV', 'a VMDK image'],
])('a machine refuses %s for a disk, and says how to convert it', (kind, magic, named) => {
  const path = file(`disk.${kind}`, Buffer.from(magic.padEnd(512, '\0'), 'latin1'));

  expect(() => gceN1({ disks: [{ file: path }] })).toThrow(
    `disk ${path}: is ${named}, and not raw. Do: qemu-img convert -O raw ${path} disk.raw`,
  );
});

test('an image below an overlay has what a guest wrote once that is committed, and not before', () => {
  const path = file('boot.img', ONES);
  const medium = new OverlayMedium(FileMedium.open(path, { readOnly: true }));
  const machine = gceN1({ disks: [{ medium }] });
  machine.attach(virtioScsiDriver).write(1, 3, TWOS);
  const before = readFileSync(path);

  const image = FileMedium.open(path);
  medium.commit(image);
  image.close();

  const expected = ONES.slice();
  expected.set(TWOS, 3 * 512);
  expect([before.equals(ONES), readFileSync(path).equals(expected)]).toEqual([true, true]);
  machine.close();
});
