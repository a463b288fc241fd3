import { gzipSync } from 'node:zlib';
import { configOf } from './rig.ts';

export const TEXT = configOf();
/** xz's x86 filter changes calls (e8). */
const CODE = Buffer.from(Array.from({ length: 50_000 }, (_, i) => [0xe8, i & 0xff, i >> 8, 0, 0x90]).flat());
const CONFIG = Buffer.concat([Buffer.from('IKCFG_ST'), gzipSync(TEXT), Buffer.from('IKCFG_ED')]);
const ELF = Buffer.from('\x7fELF\x02\x01\x01\0', 'latin1');

/** A kernel with the data of CONFIG_IKCONFIG amid its code; and one without. */
export const VMLINUX = Buffer.concat([ELF, CODE, CONFIG, CODE]);
export const BARE = Buffer.concat([ELF, CODE]);

/** A bzImage: a setup sector, a 32-bit part of 512 bytes, and the payload, followed by its unpacked length. */
export function bzImage(payload: Buffer, version = 0x020f): Buffer {
  const setup = Buffer.alloc(1024);
  setup[0x1f1] = 1;
  setup.write('HdrS', 0x202);
  setup.writeUInt16LE(version, 0x206);
  setup.writeUInt32LE(512, 0x248);
  // gzip ends with the length itself.
  const size = payload[0] === 0x1f ? Buffer.alloc(0) : Buffer.alloc(4, 0xa5);
  setup.writeUInt32LE(payload.length + size.length, 0x24c);
  return Buffer.concat([setup, Buffer.alloc(512), payload, size, Buffer.alloc(100)]);
}
