import { createRequire } from 'node:module';

type Inspector = typeof import('node:inspector');

/** Null in a Node that was built without. */
export function inspector(): Inspector | null {
  try {
    return createRequire(import.meta.url)('node:inspector');
  } catch {
    return null;
  }
}
