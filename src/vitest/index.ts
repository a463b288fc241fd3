/**
 * Matchers for vitest, and findings of a test that fails for another reason. Importing it is enough:
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
import { expect } from 'vitest';
import type { RulesOption } from '../conformance/failure.ts';
import type { ClauseId } from '../rules/index.ts';
import { toConform, toHaveBroken } from './matchers.ts';
import { watchTests } from './red-tests.ts';

export { type ConformanceOptions, conformance } from './conformance.ts';

declare module 'vitest' {
  interface Matchers<T> {
    /** A machine's driver, or one that was judged or went through the suite, broke no MUST and no SHOULD, and completed. */
    toConform(options?: RulesOption): void;
    /** The driver broke this clause. */
    toHaveBroken(clause: ClauseId): void;
  }
}

expect.extend({ toConform, toHaveBroken });

watchTests();
