import { readFileSync } from 'node:fs';

/** The package's own manifest, from `src/core` and from the folders of `dist`, which are as deep. */
const MANIFEST = new URL('../../package.json', import.meta.url);

let known: string | null = null;

/** The version of this package: `0.2.0`. */
export function version(): string {
  known ??= JSON.parse(readFileSync(MANIFEST, 'utf8')).version as string;
  return known;
}
