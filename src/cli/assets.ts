import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { MemoryMedium } from '../media/memory.ts';
import { readCapture } from '../trace/index.ts';

/** The package's own folder, relative to `src/cli` and to `dist/cli`. */
const ROOT = new URL('../../', import.meta.url);

/** The ext4 file system that comes with the package. */
export function defaultDisk(): MemoryMedium {
  return MemoryMedium.from(unzipped('disk.ext4.gz'));
}

/** The recorded frames that come with the package. */
export function defaultFrames(): Uint8Array[] {
  return readCapture(unzipped('traffic.pcapng.gz')).map(({ data }) => data);
}

function unzipped(name: string): Uint8Array {
  return gunzipSync(readFileSync(new URL(`assets/${name}`, ROOT)));
}

/** The script that captures a virtual machine's hardware. */
export function captureScript(): string {
  return readFileSync(new URL('assets/capture.py', ROOT), 'utf8');
}
