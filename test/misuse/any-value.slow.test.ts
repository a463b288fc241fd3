import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DriverError, ScsiError } from '../../src/guest/index.ts';
import { WasmDriverError } from '../../src/hosts/wasm/index.ts';
import { gceN1, MisuseError } from '../../src/index.ts';
import { CONFORMANCE, type Entry, GUEST, HOST, MACHINE, MADE, PORT } from './entries.ts';

/** For each entry; GUESTRIG_FUZZ multiplies it. */
const RUNS = 10 * Number(process.env['GUESTRIG_FUZZ'] ?? 1);
const any = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withTypedArray: true,
  }),
  fc.constantFrom(Number.NaN, -1, 0.5, 2 ** 53, 1e300, 5n, Symbol('any'), () => {}, null, undefined),
);

/** The others are a driver's results: the arguments have the right type, and the device or the module refuses. */
const PLAIN = [MisuseError, DriverError, ScsiError, WasmDriverError];

/** An error of `use` that is none of these; undefined if there is none. */
async function stray(use: () => unknown): Promise<unknown[]> {
  try {
    await use();
    return [];
  } catch (error) {
    return PLAIN.some((kind) => error instanceof kind) ? [] : [error];
  }
}

test.each<Entry>([...PORT, ...MACHINE, ...MADE, ...CONFORMANCE, ...GUEST, ...HOST])(
  '%s: any value is taken as it is meant, or is a misuse',
  async (_name, use) => {
    const machine = gceN1({ balloon: true, memory: { below4G: 16 << 20 } });
    await fc.assert(
      fc.asyncProperty(any, async (value) => {
        expect(await stray(() => use(machine, value))).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  },
);
