import { expect, test } from 'vitest';
import { driverOf, smallMachine } from './rig.ts';
import type { WasmHandle } from './wasm-handle.ts';

const ATTACH = `(func (export "attach") (param i32) (result i32) (local.get 0))
  (func (export "matches") (param i32 i32) (result i32) (i32.const 1))`;
const exported = (name: string, parameters: string, code: string) =>
  `(func (export "${name}") ${parameters} (result i32) ${code})`;

/** What a model of a module with this code may be asked to do, and the handle that it does it with. */
function used(code: string) {
  const { drivers, use } = driverOf('', ATTACH + code).model();
  const handle = drivers[0]!.attach(smallMachine().port, 0x20);
  return { use, handles: [handle] as readonly WasmHandle[] };
}

test('a module may be used by what it exports, and no more', () => {
  const { use } = used(exported('send', '(param i32 i32 i32)', '(i32.const 0)'));

  expect(Object.keys(use)).toEqual(['send']);
});

test.each([
  ['0', '(i32.const 0)', true],
  ['-1', '(i32.const -1)', false],
])('a frame for which send returns %s was sent: %s', (_returned, code, was) => {
  const { use, handles } = used(exported('send', '(param i32 i32 i32)', code));

  expect(use.send!(new Uint8Array(60), handles)).toBe(was);
});

test('frames are received until there are no more, each as long as it is', () => {
  const left = '(global $left (mut i32) (i32.const 3))';
  const take = `(global.set $left (i32.sub (global.get $left) (i32.const 1)))
    (i32.store8 (local.get 1) (global.get $left))
    (select (i32.const -1) (global.get $left) (i32.lt_s (global.get $left) (i32.const 1)))`;
  const { use, handles } = used(left + exported('receive', '(param i32 i32 i32)', take));

  expect(use.receive!(handles)).toEqual([Uint8Array.of(2, 0), Uint8Array.of(1)]);
});

test('blocks are read and written from a block on, as long as they are', () => {
  const notes = `(i64.store (i32.const 0x810000) (local.get 1))
    (i32.store8 (i32.const 0x810008) (i32.load8_u (local.get 2)))`;
  const tells = `(i64.store (local.get 2) (i64.load (i32.const 0x810000)))
    (i32.store8 (i32.add (local.get 2) (i32.const 8)) (i32.load8_u (i32.const 0x810008))) (i32.const 0)`;
  const { use, handles } = used(
    exported('write', '(param i32 i64 i32 i32)', `${notes} (i32.const 0)`) +
      exported('read', '(param i32 i64 i32 i32)', tells) +
      exported('block_size', '(param i32)', '(i32.const 4096)'),
  );

  use.write!(0x1_0000_0002, Uint8Array.of(7), handles);
  const read = use.read!(0, 2, handles);

  expect(read.length).toBe(8192);
  expect([...read.subarray(0, 9)]).toEqual([2, 0, 0, 0, 1, 0, 0, 0, 7]);
});

test.each(['stop', 'suspend', 'resume'] as const)(
  '%s is asked of every function, and says if it failed',
  (what) => {
    const code = '(i32.ne (local.get 0) (i32.const 0x20))';
    const { use, handles } = used(exported(what, '(param i32)', code));

    expect(() => use[what]!(handles)).not.toThrow();
    expect(() => use[what]!([{ ...handles[0]!, call: () => 1 } as never])).toThrow(
      `driver.wasm: ${what} returned 1: it gave up`,
    );
  },
);
