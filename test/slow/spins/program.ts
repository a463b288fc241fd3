import { CallSites } from '../../../src/conformance/host/call-sites.ts';
import { Overrun, within } from '../../../src/conformance/host/within.ts';

/** As many loops as it is asked for, one after the other, each looked at until it is ended, beside collections of garbage: says how many were. */
const [COUNT, TIME] = [Number(process.argv[2]), 60];
/** `(module (func $poll (loop (br 0))) (func (export "f") (call $poll)))` */
const WASM =
  '00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 03 02 00 00 07 05 01 01 66 00 01 0a 0e 02 07 00 03 40 0c 00 0b 0b 04 00 10 00 0b';
const { Module, Instance } = (globalThis as unknown as { WebAssembly: Record<string, never> })
  .WebAssembly as unknown as {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: { f(): void } };
};
const compiled = new Module(Uint8Array.from(WASM.split(' ').map((byte) => Number.parseInt(byte, 16))));

const seen = { sum: 0 };
function helper(n: number): number {
  let total = 0;
  for (let i = 0; i < 100; i++) total += i * n;
  return total;
}

const LOOPS: readonly (() => void)[] = [
  function plain() {
    for (;;);
  },
  function calling() {
    for (;;) seen.sum += helper(3);
  },
  function allocating() {
    for (let kept: object[] = []; ; kept = [{ ...seen }]) seen.sum += kept.length;
  },
  function catching() {
    for (;;)
      try {
        helper(1);
      } finally {
        seen.sum++;
      }
  },
  /** A new function each time, which is compiled while it is sampled, and then forgotten. */
  function fresh() {
    new Function('for (let i = 0; ; i = (i + 1) | 0);')();
  },
  function inWasm() {
    new Instance(compiled).exports.f();
  },
];

let ended = 0;
for (let i = 0; i < COUNT; i++) {
  const loop = LOOPS[i % LOOPS.length]!;
  try {
    new CallSites(() => true).watch(() => within(TIME, loop));
  } catch (error) {
    if (error instanceof Overrun) ended++;
  }
  if (i % 3 === 0) (globalThis as { gc?: () => void }).gc?.();
}
console.log(`${ended} ended`);
