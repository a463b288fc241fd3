import { describe, expect, test } from 'vitest';
import { conform, type DriverModel, HostTimeError, judge, SUITE } from '../../src/conformance/index.ts';
import { referenceModel } from '../../src/conformance/reference.ts';
import type { GuestPort } from '../../src/core/guest-port.ts';
import { gceN1 } from '../../src/index.ts';

/** Milliseconds: enough to reach a loop. */
const HOST_TIME = 150;
/** And more, so that it is also seen there on a busy host. */
const SEEN_IN = 600;
const QUICK = { hostTime: HOST_TIME };
const FIRST = SUITE[0]!.name;
const ONCE = { ...QUICK, scenarios: [FIRST] };
/** `(module (func (export "f") (loop (br 0))))` */
const ENDLESS_WASM = Uint8Array.from(
  '00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 07 05 01 01 66 00 00 0a 09 01 07 00 03 40 0c 00 0b 0b'
    .split(' ')
    .map((byte) => Number.parseInt(byte, 16)),
);
const { Module, Instance } = (globalThis as unknown as { WebAssembly: Record<string, never> })
  .WebAssembly as unknown as {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: { f(): void } };
};

function spin(): never {
  for (;;);
}

const model = (run: (port: GuestPort) => void): DriverModel => ({ name: 'mine', drivers: [], run });
const driver = (part: object) => ({ name: 'mine', matches: () => true, attach: () => {}, ...part });
const spinning = (part: object): DriverModel => ({ name: 'mine', drivers: [driver(part)] });

/** Interrupts of the 8254 come at this vector, and it counts this down. */
const [VECTOR, COUNT] = [0x40, 0x1000];

function interrupted(port: GuestPort): void {
  const pic: [number, number][] = [
    [0x20, 0x11],
    [0x21, VECTOR],
    [0x21, 4],
    [0x21, 1],
    [0x21, 0xfe],
    [0x43, 0x34],
    [0x40, COUNT & 0xff],
    [0x40, COUNT >> 8],
  ];
  for (const [at, value] of pic) port.out(at, value, 1);
  port.handle(VECTOR, spin);
  port.unmask();
  port.wait(() => false, 10_000_000);
}

const swallowing = (port: GuestPort) => {
  for (;;) {
    try {
      spin();
    } catch {
      port.in(0x3fd, 1);
    } finally {
      port.in(0x3fd, 1);
    }
  }
};

const LOOPS: readonly [string, DriverModel][] = [
  ['in its run', model(spin)],
  ['in its attach', spinning({ attach: spin })],
  ['in its matches', spinning({ matches: spin })],
  ['in its enumeration', { name: 'mine', enumerate: spin }],
  ['in a handler of an interrupt', model(interrupted)],
  ['in what it waits for', model((port) => void port.wait(spin, 1))],
  ['of stores to RAM', model((port) => storing(port))],
  ['that catches everything', model(swallowing)],
  ['in WebAssembly', model(() => new Instance(new Module(ENDLESS_WASM)).exports.f())],
];

function storing(port: GuestPort): void {
  const at = port.allocate(4, 4);
  for (let i = 0; ; i = (i + 1) >>> 0) port.memory.store(at, i, 4);
}

describe('a loop without an access', () => {
  test.each(LOOPS)('%s is ended, and is a verdict', (_, looping) => {
    const { stopped, conforms } = conform(looping, ONCE);

    expect(stopped.map((run) => run.stopped)).toEqual([expect.any(HostTimeError)]);
    expect(conforms).toBe(false);
  });

  test('is ended where a driver is judged once, too', () => {
    expect(judge(model(spin), QUICK).stopped).toBeInstanceOf(HostTimeError);
  });

  test('is reported with its function, and the access before it', () => {
    const { stopped } = judge(
      model((port) => {
        port.in(0x3fd, 1);
        spin();
      }),
      { hostTime: SEEN_IN },
    ) as { stopped: HostTimeError };

    expect(stopped.message).toBe(
      `did not return within ${SEEN_IN} ms of the host's time, the last access port 03fd: ttyS0 LSR → 60  TEMT THRE`,
    );
    expect(stopped.stack).toMatch(/\n {4}at spin \(\S+endless-drivers\.test\.ts:\d+:\d+\)/);
  });

  test('on a machine that is supplied once leaves it closed, with its results', () => {
    const machine = gceN1();

    const { stopped } = judge(
      model((port) => {
        port.out(0x3fb, 3, 1);
        for (const byte of [0x61, 0x62]) port.out(0x3f8, byte, 1);
        spin();
      }),
      { ...QUICK, machine: () => machine },
    );

    expect(stopped).toBeInstanceOf(HostTimeError);
    expect(() => machine.port.in(0x3fd, 1)).toThrow('closed');
    expect(machine.findings.map(({ clause }) => clause)).toContain('uart/THR-FULL');
  });

  test('does not affect the next driver', () => {
    const before = JSON.stringify(conform(referenceModel(), { scenarios: [FIRST] }));

    judge(model(spin), QUICK);

    expect(JSON.stringify(conform(referenceModel(), { scenarios: [FIRST] }))).toBe(before);
  });
});
