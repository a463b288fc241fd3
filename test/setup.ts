import fc from 'fast-check';
import { expect } from 'vitest';
import { commitSeed } from './repeats.ts';

/** Property tests try what the commit says, and no other values on another machine. */
fc.configureGlobal({ seed: commitSeed() });

/** vitest compares bytes by their keys, as those of any object: a hundred times slower. */
const areEqualBytes = (one: unknown, other: unknown) =>
  one instanceof Uint8Array && other instanceof Uint8Array && one.constructor === other.constructor
    ? Buffer.compare(one, other) === 0
    : undefined;

// Files may share a process, and vitest keeps what each of them adds.
const held = globalThis as { areEqualBytes?: typeof areEqualBytes };
if (held.areEqualBytes === undefined) expect.addEqualityTesters([areEqualBytes]);
held.areEqualBytes = areEqualBytes;
