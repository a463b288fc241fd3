import type { Machine } from '../../src/index.ts';
import type { Run } from './run.ts';

/** Adds frames and serial bytes to the digest as they are sent, and drops what a machine keeps of them for tests. */
export function watchOutput({ events, nics }: Machine, run: Run): void {
  events.on('frame', (name, frame, sent) => {
    run.digest.text(name);
    run.digest.add(sent ? 1 : 0);
    run.digest.bytes(frame);
    for (const { sent } of nics) sent.length = 0;
  });
  events.on('serial', (_name, byte) => run.digest.add(byte));
}
