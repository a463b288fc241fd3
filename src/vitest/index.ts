/**
 * Matchers for vitest, and findings of a test that fails for another reason. To import it is all:
 *
 * @example
 * import 'guestrig/vitest';
 * import { gceN1 } from 'guestrig';
 * import { expect, test } from 'vitest';
 *
 * test('sends a frame', () => {
 *   const machine = gceN1();
 *   machine.attach(myNet).send(new Uint8Array(60));
 *   expect(machine).toConform();        // red: the finding, and a caret under the driver's line
 * });
 */
import { afterEach, beforeEach, expect } from 'vitest';
import { failureOf } from '../conformance/failure.ts';
import type { Machine } from '../machine/machine.ts';
import { made } from '../machine/made.ts';
import type { ClauseId } from '../rules/index.ts';
import { toConform, toHaveBroken } from './matchers.ts';

export { conformance } from './conformance.ts';

declare module 'vitest' {
  interface Matchers<T> {
    /** A machine's driver, or one that was judged or went through the suite, broke no MUST and no SHOULD, and came to its end. */
    toConform(): void;
    /** It broke this clause. */
    toHaveBroken(clause: ClauseId): void;
  }
}

expect.extend({ toConform, toHaveBroken });

let machines: Machine[] = [];

beforeEach(() => {
  machines = [];
  made.tell = (machine) => machines.push(machine);
});

// What a driver threw, or what another assertion says, must not hide what was found.
afterEach(({ task }) => {
  made.tell = null;
  const { state, errors = [] } = task.result ?? {};
  if (state !== 'fail' || errors.some(({ name }) => name === 'ConformanceError')) return;
  for (const machine of machines) {
    const failure = failureOf(machine);
    if (failure !== null) throw failure;
  }
});
