import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { MemoryMedium } from '../media/memory.ts';
import { readCapture } from '../trace/index.ts';

/** The package's own folder, relative to `src/cli` and to `dist/cli`. */
const ROOT = new URL('../../', import.meta.url);

/** Of the file system, behind which the recording lies. The recording has parts of it, so that one file takes half of two. */
const DISK_BYTES = 8 << 20;

/** The ext4 file system that comes with the package. */
export function defaultDisk(): MemoryMedium {
  return MemoryMedium.from(unpacked().subarray(0, DISK_BYTES));
}

/** The recorded frames that come with the package. */
export function defaultFrames(): Uint8Array[] {
  return readCapture(unpacked().subarray(DISK_BYTES)).map(({ data }) => data);
}

function unpacked(): Uint8Array {
  return brotliDecompressSync(readFileSync(new URL('assets/probe.br', ROOT)));
}

/** The script that captures a virtual machine's hardware. */
export function captureScript(): string {
  return readFileSync(new URL('assets/capture.py', ROOT), 'utf8');
}
