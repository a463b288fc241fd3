import { describe, expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { EndlessLoopError } from '../../machine/patience.ts';
import { bytesOf, driverOf, HEAP, MEMORY, smallMachine } from './rig.ts';
import { WasmDriverError } from './wasm-driver-error.ts';
import { WasmModule } from './wasm-module.ts';

const made = (bytes: Uint8Array) => () => new WasmModule(bytes, { name: 'nic.wasm' });
const HANDLE = '(import "guestrig" "handle" (func (param i32 i32 i32)))';

describe('a module that cannot be a driver says why', () => {
  test.each<[what: string, bytes: Uint8Array, said: string | RegExp]>([
    ['no module', Uint8Array.of(1, 2, 3, 4), /^nic\.wasm: is no WebAssembly module: \S/],
    ['a memory of its own', bytesOf('(memory 1)'), /^nic\.wasm: has a memory of its own.*--import-memory$/],
    [
      'an import of the C library',
      bytesOf(`(import "env" "printf" (func)) ${MEMORY} ${HEAP}`),
      'nic.wasm: imports the function env.printf, which the host does not provide',
    ],
    [
      'an import that is misspelt',
      bytesOf(`(import "guestrig" "in64" (func)) ${MEMORY} ${HEAP}`),
      'nic.wasm: imports the function guestrig.in64, which the host does not provide',
    ],
    [
      'an import named as what every object has',
      bytesOf(`(import "guestrig" "toString" (func)) ${MEMORY} ${HEAP}`),
      'nic.wasm: imports the function guestrig.toString, which the host does not provide',
    ],
    [
      'no end of its memory',
      bytesOf(MEMORY),
      'nic.wasm: does not export __heap_base: link it with --export=__heap_base',
    ],
    [
      'handlers, and no table of functions',
      bytesOf(`${HANDLE} ${MEMORY} ${HEAP}`),
      'nic.wasm: does not export __indirect_function_table: link it with --export-table',
    ],
  ])('%s', (_what, bytes, said) => {
    expect(made(bytes)).toThrow(WasmDriverError);
    expect(made(bytes)).toThrow(said);
  });
});

describe('a module that does not fit a machine says why', () => {
  test('its memory overlaps that of others', () => {
    const low = '(global (export "__heap_base") i32 (i32.const 0x11000))';
    const module = new WasmModule(bytesOf(`${MEMORY} ${low}`), { name: 'nic.wasm' });

    expect(() => module.on(smallMachine().port)).toThrow(
      'nic.wasm: its memory ends at 69632, where others have theirs: link it as docs/wasm.md says',
    );
  });

  test('it needs more RAM than there is', () => {
    const module = new WasmModule(bytesOf(`(import "env" "memory" (memory 1024)) ${HEAP}`), {
      name: 'nic.wasm',
    });

    expect(() => module.on(smallMachine().port)).toThrow(
      /^nic\.wasm: cannot be loaded into this machine: \S/,
    );
  });

  test('the RAM that it is linked for is in use', () => {
    const { port } = gceN1();
    port.allocate(8 << 20, 1);

    expect(() => driverOf('', '').on(port)).toThrow(
      'driver.wasm: RAM from 8 MiB on is given to others already',
    );
  });
});

const call = (imports: string, code: string, timeout = 2000) => {
  const program = driverOf(imports, `${code}`, { timeout }).on(smallMachine().port);
  return () => program.call('run');
};
const run = (code: string) => `(func (export "run") ${code})`;
const IN8 = '(import "guestrig" "in8" (func $in8 (param i32) (result i32)))';
/** Reads as often as it is told, from ports in turn. */
const READS = `(func $reads (param $left i32) (loop $l (drop (call $in8 (i32.and (local.get $left) (i32.const 0xfff))))
  (br_if $l (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))`;
/** Milliseconds that a module may be silent, and reads that take several times as long. */
const [SILENT, MANY] = [50, 400_000];
const ICW_AND_COUNT = [
  [0x20, 0x11],
  [0x21, 0x20],
  [0x21, 0x04],
  [0x21, 0x01],
  [0x21, 0xfe],
  [0x43, 0x34],
  [0x40, 0],
  [0x40, 0],
] as const;
const TABLE = '(table (export "__indirect_function_table") 2 funcref)';

describe("a driver's error is reported in one line", () => {
  test.each<[what: string, imports: string, code: string, said: string | RegExp]>([
    ['a trap', '', run('unreachable'), 'driver.wasm: run trapped: unreachable'],
    [
      'a load past its memory',
      '',
      run('(drop (i32.load (i32.const 0x7fffffff)))'),
      'driver.wasm: run trapped: memory access out of bounds',
    ],
    [
      'a recursion without an end',
      '',
      '(func $f (export "run") (call $f) (call $f))',
      /^driver\.wasm: run trapped: \S/,
    ],
    [
      'an export that is not there',
      '',
      '(func (export "send")) (func (export "receive"))',
      'driver.wasm: has no export "run" (it exports send, receive)',
    ],
    ['no export at all', '', '', 'driver.wasm: has no export "run" (it exports nothing)'],
    [
      'a text that lies outside',
      '(import "guestrig" "log" (func $log (param i32 i32)))',
      run('(call $log (i32.const -16) (i32.const 32))'),
      'driver.wasm: 32 bytes at 4294967280 are not all in its memory',
    ],
    [
      'a handler that is no function',
      '(import "guestrig" "handle" (func $handle (param i32 i32 i32)))',
      `${TABLE} ${run('(call $handle (i32.const 64) (i32.const 7) (i32.const 0))')}`,
      'driver.wasm: has no function 7 in its table',
    ],
    [
      'a handler that is null',
      '(import "guestrig" "handle" (func $handle (param i32 i32 i32)))',
      `${TABLE} ${run('(call $handle (i32.const 64) (i32.const 1) (i32.const 0))')}`,
      'driver.wasm: has no function 1 in its table',
    ],
    [
      'a port that is none',
      IN8,
      run('(drop (call $in8 (i32.const 0x12345)))'),
      /^driver\.wasm: run passed a wrong argument: port must be from 0 to 65535; got 74565/,
    ],
    [
      'an import of another type',
      '(import "guestrig" "now" (func $now (result i32)))',
      run('(drop (call $now))'),
      /^driver\.wasm: run passes a value of another type: \S/,
    ],
  ])('%s', (_what, imports, code, said) => {
    const calling = call(imports, code);

    expect(calling).toThrow(WasmDriverError);
    expect(calling).toThrow(said);
  });

  test('no attach, but it is used as a driver of PCI functions', () => {
    expect(() => driverOf('', run('')).driver(() => true)).toThrow(
      'driver.wasm: has no export "attach", so it takes no PCI function',
    );
  });

  test('a handler that traps is named by its vector, in any wait', () => {
    const { port } = smallMachine();
    const handle = '(import "guestrig" "handle" (func $handle (param i32 i32 i32)))';
    const trap = `(func $trap (param i32) unreachable) ${TABLE} (elem (i32.const 1) $trap)`;
    const register = run('(call $handle (i32.const 0x20) (i32.const 1) (i32.const 0))');
    driverOf(handle, `${trap} ${register}`).on(port).call('run');
    // The 8259 gives IRQ 0 vector 32, and the 8254 raises it.
    for (const [at, value] of ICW_AND_COUNT) port.out(at, value, 1);
    port.unmask();

    expect(() => port.wait(() => false, 100_000_000)).toThrow(
      'driver.wasm: its handler of vector 32 trapped: unreachable',
    );
  });

  test('a loop without accesses is ended', () => {
    expect(call('', run('(loop $l (br $l))'), 200)).toThrow(
      new WasmDriverError('driver.wasm', 'run made no access for 200 ms, and did not return'),
    );
  });

  test.each([
    ['run', `(call $reads (i32.const ${MANY}))`, ''],
    ['_initialize', '', `(func (export "_initialize") (call $reads (i32.const ${MANY})))`],
  ])('%s is not ended while it makes accesses, however long it takes', (_name, ran, more) => {
    const module = driverOf(IN8, `${READS} ${run(ran)} ${more}`, { timeout: SILENT });
    const begin = performance.now();

    module.on(smallMachine().port).call('run');

    expect(performance.now() - begin).toBeGreaterThan(2 * SILENT);
  });

  test('a loop without accesses is ended after any number of accesses', () => {
    const code = `${READS} ${run(`(call $reads (i32.const ${MANY})) (loop $l (br $l))`)}`;

    expect(call(IN8, code, SILENT)).toThrow(
      new WasmDriverError('driver.wasm', `run made no access for ${SILENT} ms, and did not return`),
    );
  });

  test('a start that does not end is ended, too', () => {
    const module = driverOf('', '(func $f (loop $l (br $l))) (start $f)', { timeout: 20 });

    expect(() => module.on(smallMachine().port)).toThrow(
      'driver.wasm: its start made no access for 20 ms, and did not return',
    );
  });

  test("a loop that repeats an access is ended by the machine's patience", () => {
    const module = driverOf(IN8, run('(loop $l (drop (call $in8 (i32.const 0x3fd))) (br $l))'));
    const program = module.on(gceN1({ patience: 1000, memory: { below4G: 16 << 20 } }).port);

    expect(() => program.call('run')).toThrow(EndlessLoopError);
  });

  test('and can still be used', () => {
    const program = driverOf('', `${run('unreachable')} (func (export "two") (result i32) (i32.const 2))`).on(
      smallMachine().port,
    );

    expect(() => program.call('run')).toThrow(WasmDriverError);
    expect(program.call('two')).toBe(2);
  });
});
