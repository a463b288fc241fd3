import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { elfOf, HALT, outw } from '../hosts/boot/kernel-rig.ts';
import { guestrig, inFolderOf } from './rig.ts';

const qcow2 = Buffer.concat([Buffer.from('QFI\xfb\0\0\0\x03', 'latin1'), Buffer.alloc(504)]);
// Some are not a multiple of 512 bytes, but that is not the error.
const odd = Buffer.concat([qcow2, Buffer.from('x')]);

inFolderOf({
  off: elfOf([...outw(0xb004, 0x2000), ...HALT]),
  qcow2,
  odd,
  'options.json': '{ "disks": [{ "file": "qcow2" }] }',
  "it's": qcow2,
  "it's packed": gzipSync(''),
});

test.each([
  ['qcow2', 'qcow2'],
  ['odd', 'odd'],
  ["it's", "'it'\\''s'"],
])('a disk image %s that is not raw is refused with the command that converts it', async (file, quoted) => {
  const line = `disk ${file}: is a qcow2 image, and not raw. Do: qemu-img convert -O raw ${quoted} disk.raw\n`;

  expect(await guestrig('boot', '--kernel', 'off', '--disk', file)).toEqual({
    status: 2,
    out: '',
    err: line,
  });
  expect(await guestrig('probe', '--disk', file)).toEqual({ status: 2, out: '', err: line });
});

test.each(['boot --kernel off', 'probe'])('%s refuses one that --options names, too', async (argv) => {
  expect(await guestrig(...argv.split(' '), '--options', 'options.json')).toEqual({
    status: 2,
    out: '',
    err: 'disk qcow2: is a qcow2 image, and not raw. Do: qemu-img convert -O raw qcow2 disk.raw\n',
  });
});

test('a packed kernel is refused with the command that unpacks it', async () => {
  expect(await guestrig('boot', '--kernel', "it's packed")).toEqual({
    status: 2,
    out: '',
    err: "kernel it's packed: is a gzip file, and no kernel for x86 (a vmlinux, a bzImage or a Multiboot kernel): gzip -dc 'it'\\''s packed' > kernel\n",
  });
});
