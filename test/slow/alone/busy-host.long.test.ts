import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { conform, type DriverModel, SUITE } from '../../../src/conformance/index.ts';
import { suiteJson, suiteReport } from '../../../src/conformance/report/suite-report.ts';
import type { GuestPort } from '../../../src/core/guest-port.ts';
import { driverOf } from '../../../src/hosts/wasm/rig.ts';
import { reportText } from '../../../src/report/text.ts';
import { repeats } from '../../repeats.ts';

/** Spinning beside the tests. */
const BUSY = 4;
const RUNS = repeats(2, 20);
/** Milliseconds, of which a good driver computes a small part in one piece, as long as the engine has not got to compile that. */
const HOST_TIME = 150;
const SMALL = { memory: { below4G: 16 << 20 } };
const [FIRST] = SUITE;

let busy: ChildProcess[] = [];
beforeAll(() => {
  busy = Array.from({ length: BUSY }, () => spawn(process.execPath, ['-e', 'for (;;);']));
});
afterAll(() => {
  for (const one of busy) one.kill('SIGKILL');
});

/** Computes for about this long, in code that no engine optimizes away. */
function think(): number {
  let sum = 1;
  for (let i = 0; i < 1_000_000; i++) sum = Math.imul(sum, 31) + i;
  return sum;
}

function wait(): void {
  for (;;) think();
}

const written = (run: (port: GuestPort) => void): DriverModel => ({ name: 'written', drivers: [], run });
const OUT = '(import "guestrig" "out8" (func $out (param i32 i32)))';
const COMPUTE = `(func $think (local $i i32) (loop $l
  (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4000000)))))`;
const compiled = (code: string) =>
  driverOf(
    OUT,
    `${COMPUTE} (func $wait (loop $l (br_if $l (i32.eqz (i32.load (i32.const 0x820000))))))
    (func (export "run") (call $out (i32.const 0x3ff) (i32.const 1)) ${code})`,
  ).model();
const THINKS = '(call $think) (call $out (i32.const 0x3ff) (i32.const 2))';

const CONFORMS = /\n\S+ conforms\.\n/;
const LATE = /did not return within 150 ms of the host's time, the last access port 03f8/;

const DRIVERS: readonly (readonly [what: string, model: DriverModel, said: RegExp])[] = [
  [
    'a good one in TypeScript',
    written((port) => {
      for (let i = 0; i < 3; i++) port.out(0x3ff, think() & 1, 1);
    }),
    CONFORMS,
  ],
  [
    'a bad one in TypeScript',
    written((port) => {
      for (const byte of [0x61, 0x62]) port.out(0x3f8, byte, 1);
      wait();
    }),
    LATE,
  ],
  ['a good one in WebAssembly', compiled(THINKS + THINKS), CONFORMS],
  [
    'a bad one in WebAssembly',
    compiled(`${THINKS} (call $out (i32.const 0x3f8) (i32.const 0)) (call $wait)`),
    LATE,
  ],
];

/** The reports for people and for programs. */
function reported(model: DriverModel): string {
  const report = conform(model, { scenarios: [FIRST!.name], machine: SMALL, hostTime: HOST_TIME });
  const root = process.cwd();
  return `${reportText(suiteReport(report, root), false)}${JSON.stringify(suiteJson(report, root))}`;
}

test.each(DRIVERS)('beside four that spin, %s has one report', { timeout: 600_000 }, (_, model, said) => {
  const reports = new Set(Array.from({ length: RUNS }, () => reported(model)));

  expect([...reports]).toEqual([expect.stringMatching(said)]);
});
