import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** An empty folder for a test file's output; it is removed after the tests. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestrig-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}
