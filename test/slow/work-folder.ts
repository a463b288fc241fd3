import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** An empty folder for what a test file makes; it goes when the tests are done. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestrig-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}
