import { describe, expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { driverOf, smallMachine } from './rig.ts';

declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
};

const COM1_SCRATCH = 0x3ff;
const IO_APIC = 0xfec0_0000;
const BYTES = new TextEncoder();

/** `run` calls the import with these arguments. */
function calling(name: string, params: string, args: string, result = ''): ReturnType<typeof driverOf> {
  return driverOf(
    `(import "guestrig" "${name}" (func $import (param ${params}) ${result}))`,
    `(func (export "run") ${result} (call $import ${args}))`,
  );
}

const i32s = (...values: readonly number[]) => values.map((value) => `(i32.const ${value})`).join(' ');

describe('an import', () => {
  test.each([8, 16, 32])('in%i reads a port', (width) => {
    const { port } = smallMachine();
    port.out(0xcf8, 0x8000_1234, 4);

    const read = calling(`in${width}`, 'i32', i32s(0xcf8), '(result i32)').on(port).call('run');

    expect(read >>> 0).toBe(port.in(0xcf8, (width / 8) as 1 | 2 | 4));
  });

  test('out8 writes a port', () => {
    const { port } = smallMachine();

    calling('out8', 'i32 i32', i32s(COM1_SCRATCH, 0x5a)).on(port).call('run');

    expect(port.in(COM1_SCRATCH, 1)).toBe(0x5a);
  });

  test('out32 writes a port, and a tap sees an unsigned value', () => {
    const machine = smallMachine();
    const values: number[] = [];
    machine.observe({ begin: () => {}, end: ({ value }) => values.push(value) });

    calling('out32', 'i32 i32', i32s(0xcf8, 0x8000_0100)).on(machine.port).call('run');

    expect(values).toEqual([0x8000_0100]);
  });

  test('read32 reads memory above 2 GiB', () => {
    const { port } = smallMachine();
    port.write(IO_APIC, 1, 4);

    const version = calling('read32', 'i32', i32s(IO_APIC + 0x10), '(result i32)')
      .on(port)
      .call('run');

    expect(version).toBe(port.read(IO_APIC + 0x10, 4));
    expect(version).not.toBe(-1);
  });

  test('write32 writes memory above 2 GiB', () => {
    const { port } = smallMachine();

    calling('write32', 'i32 i32', i32s(IO_APIC, 1)).on(port).call('run');

    expect(port.read(IO_APIC, 4)).toBe(1);
  });

  test('now returns the time', () => {
    const { port } = smallMachine();
    const program = driverOf(
      '(import "guestrig" "now" (func $now (result i64)))',
      '(func (export "run") (result i64) (call $now))',
    ).on(port);

    expect(program.call('run')).toBe(port.now());
  });

  test('wait lets time pass', () => {
    const { port } = smallMachine();
    const before = port.now();

    const interrupted = calling('wait', 'i64', '(i64.const 5000)', '(result i32)').on(port).call('run');

    expect([interrupted, port.now() - before]).toEqual([0, 5000]);
  });

  test('wait_until calls a function of the module with its context', () => {
    const program = driverOf(
      '(import "guestrig" "wait_until" (func $wait (param i32 i32 i64) (result i32)))',
      `(func $is_seven (param i32) (result i32) (i32.eq (local.get 0) (i32.const 7)))
       (table (export "__indirect_function_table") 2 funcref) (elem (i32.const 1) $is_seven)
       (func (export "run") (param i32) (result i32) (call $wait (i32.const 1) (local.get 0) (i64.const 1000)))`,
    ).on(smallMachine().port);

    expect([program.call('run', 6), program.call('run', 7)]).toEqual([0, 1]);
  });

  test("allocate gives zeroed RAM behind the module's own", () => {
    const { port } = smallMachine();
    const program = calling('allocate', 'i32 i32', i32s(100, 4096), '(result i32)').on(port);

    const [first, second] = [program.call('run'), program.call('run')];

    expect([first > 0x90_0000, first % 4096, second >= first + 100]).toEqual([true, 0, true]);
    expect(port.memory.load(first, 4)).toBe(0);
  });

  test('log passes a line on', () => {
    const lines: string[] = [];
    const program = driverOf(
      '(import "guestrig" "log" (func $log (param i32 i32)))',
      '(func (export "run") (param i32 i32) (call $log (local.get 0) (local.get 1)))',
      { log: (line) => lines.push(line) },
    ).on(smallMachine().port);

    program.call('run', BYTES.encode('grüße'));

    expect(lines).toEqual(['grüße']);
  });
});

/** Counts interrupts of IRQ 0, whose vector the firmware left at 8: the 8259 is given 32. */
const TICKS = [
  `(import "guestrig" "handle" (func $handle (param i32 i32 i32)))
   (import "guestrig" "unmask" (func $unmask)) (import "guestrig" "mask" (func $mask))
   (import "guestrig" "out8" (func $out (param i32 i32)))
   (import "guestrig" "wait" (func $wait (param i64) (result i32)))`,
  `(func $tick (param i32)
     (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (i32.const 1)))
     (call $out (i32.const 0x20) (i32.const 0x20)))
   (table (export "__indirect_function_table") 2 funcref) (elem (i32.const 1) $tick)
   (func (export "run") (result i32)
     (call $out (i32.const 0x20) (i32.const 0x11)) (call $out (i32.const 0x21) (i32.const 0x20))
     (call $out (i32.const 0x21) (i32.const 0x04)) (call $out (i32.const 0x21) (i32.const 0x01))
     (call $out (i32.const 0x21) (i32.const 0xfe))
     (call $out (i32.const 0x43) (i32.const 0x34)) (call $out (i32.const 0x40) (i32.const 0))
     (call $out (i32.const 0x40) (i32.const 0))
     (call $handle (i32.const 0x20) (i32.const 1) (i32.const 0x880000))
     (call $unmask) (drop (call $wait (i64.const 1000000000)))
     (drop (call $wait (i64.const 1000000000)))
     (call $mask) (drop (call $wait (i64.const 1000000000)))
     (i32.load (i32.const 0x880000)))`,
] as const;

describe('a driver with handlers', () => {
  test('is woken by each interrupt, except while it is masked', () => {
    expect(
      driverOf(...TICKS)
        .on(smallMachine().port)
        .call('run'),
    ).toBe(2);
  });
});

describe('a program', () => {
  const poke = driverOf('', '(func (export "poke") (param i32 i32) (i32.store (local.get 0) (local.get 1)))');

  test("has the machine's RAM for its memory, with its contents", () => {
    const { port } = smallMachine();
    port.memory.store(0xa0_0000, 0x1234, 4);
    const peek = driverOf('', '(func (export "peek") (param i32) (result i32) (i32.load (local.get 0)))').on(
      port,
    );

    port.memory.store(0xa0_0004, 0x5678, 4);

    expect([peek.call('peek', 0xa0_0000), peek.call('peek', 0xa0_0004)]).toEqual([0x1234, 0x5678]);
  });

  test('finds its own data at its link address', () => {
    const data = '(data (i32.const 0x8ffffc) "\\2a\\00\\00\\00")';
    const peek = `(func (export "peek") (param i32) (result i32) (i32.load (local.get 0))) ${data}`;

    expect(driverOf('', peek).on(smallMachine().port).call('peek', 0x8ffffc)).toBe(42);
  });

  test('stores are visible to the machine', () => {
    const { port } = smallMachine();

    poke.on(port).call('poke', 0xa0_0000, 0xcafe);

    expect(port.memory.load(0xa0_0000, 4)).toBe(0xcafe);
  });

  test('uses a memory that the machine was lent', () => {
    const memory = new WebAssembly.Memory({ initial: 256 });
    const { port } = gceN1({ memory: { below4G: 16 << 20, buffer: memory } });

    poke.on(port).call('poke', 0xa0_0000, 0xcafe);

    expect(new DataView(memory.buffer).getUint16(0xa0_0000, true)).toBe(0xcafe);
  });

  test('is one for each module and machine, and the only one of its machine', () => {
    const { port } = smallMachine();
    const peek = driverOf('', '(func (export "peek") (param i32) (result i32) (i32.load (local.get 0)))');

    poke.on(port).call('poke', 0xf0_0000, 7);

    expect(poke.on(port)).toBe(poke.on(port));
    expect(() => peek.on(port)).toThrow('RAM from 8 MiB on is given to others already');
  });

  test('has its own memory on each machine', () => {
    const [one, other] = [smallMachine(), smallMachine()];

    poke.on(one.port).call('poke', 0xa0_0000, 1);
    poke.on(other.port).call('poke', 0xa0_0000, 2);

    expect(one.port.memory.load(0xa0_0000, 4)).toBe(1);
  });

  test('gets bytes as an address and a length, and gives them back', () => {
    const program = driverOf(
      '',
      `(func (export "run") (param i32 i32) (result i32)
         (i32.store8 (local.get 0) (i32.const 0x4a)) (local.get 1))`,
    ).on(smallMachine().port);
    const bytes = BYTES.encode('hello');

    const length = program.call('run', bytes);

    expect([length, new TextDecoder().decode(bytes)]).toEqual([5, 'Jello']);
  });

  test('has RAM below 4 GiB even where others get RAM above it', () => {
    const MIB = 1 << 20;
    const memory = { below4G: 32 * MIB, above4G: 64 * MIB, driversAbove4G: true };
    const program = calling('allocate', 'i32 i32', i32s(64, 64), '(result i32)').on(gceN1({ memory }).port);

    expect(program.call('run')).toBeLessThan(32 * MIB);
  });
});

/** `attach` counts how often it was called since the module was loaded. */
const COUNTS = `(global $count (mut i32) (i32.const 0))
  (func (export "attach") (param i32) (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count))
  (func (export "twice") (param i32 i32) (result i32) (i32.mul (local.get 0) (local.get 1)))`;
const isNic = ({ device }: { readonly device: number }) => device === 0x1000;

describe('a driver of functions', () => {
  test('is attached, and its handle calls with what attach returned', () => {
    const machine = smallMachine();
    const driver = driverOf('', COUNTS).driver(isNic);

    expect([driver.name, machine.attach(driver).call('twice', 21)]).toEqual(['driver.wasm', 21]);
  });

  test('has one program for all functions of a machine', () => {
    const { port } = smallMachine();
    const driver = driverOf('', COUNTS).driver(isNic);

    expect([driver.attach(port, 0x20).context, driver.attach(port, 0x28).context]).toEqual([1, 2]);
  });

  test('is reloaded for a function that it already has', () => {
    const { port } = smallMachine();
    const driver = driverOf('', COUNTS).driver(isNic);

    const contexts = [0x20, 0x28, 0x20, 0x28].map((bdf) => driver.attach(port, bdf).context);

    expect(contexts).toEqual([1, 2, 1, 2]);
  });

  test('that returns 0 has failed', () => {
    const driver = driverOf('', '(func (export "attach") (param i32) (result i32) (i32.const 0))').driver(
      isNic,
    );

    expect(() => smallMachine().attach(driver)).toThrow('driver.wasm: attach returned 0: it gave up');
  });
});
