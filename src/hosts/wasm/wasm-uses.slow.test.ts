import { describe, expect, test } from 'vitest';
import { driverOf, smallMachine } from './rig.ts';

/** A driver of every virtio function, which it knows by its address; `seen` has the address of the last call. */
const DRIVER = `(global $seen (mut i32) (i32.const 0)) (global $left (mut i32) (i32.const 3))
  (func (export "seen") (result i32) (global.get $seen))
  (func (export "matches") (param i32) (result i32) (i32.eq (local.get 0) (i32.const 0x1af4)))
  (func (export "attach") (param i32) (result i32) (local.get 0))`;
/** Accepts frames that begin with 0. */
const SEND = `(func (export "send") (param i32 i32 i32) (result i32)
  (global.set $seen (local.get 0)) (i32.load8_u (local.get 1)))`;
/** Two frames, of two bytes and of one. */
const RECEIVE = `(func (export "receive") (param i32 i32 i32) (result i32)
  (global.set $left (i32.sub (global.get $left) (i32.const 1)))
  (i32.store8 (local.get 1) (global.get $left)) (global.get $left))`;
/** Bytes that hold the block and their number. */
const READ = `(func (export "read") (param i32 i64 i32 i32) (result i32)
  (global.set $seen (local.get 0))
  (i64.store (local.get 2) (local.get 1)) (i32.store offset=8 (local.get 2) (local.get 3)) (i32.const 0))`;
/** Accepts data that begins with 0, and overwrites it. */
const WRITE = `(func (export "write") (param i32 i64 i32 i32) (result i32)
  (global.set $seen (i32.wrap_i64 (local.get 1)))
  (i32.store8 offset=1 (local.get 2) (i32.const 9)) (i32.load8_u (local.get 2)))`;
/** Keeps the port and the length, which key returns. */
const PRINT = `(global $port (mut i32) (i32.const 0)) (global $length (mut i32) (i32.const 0))
  (func (export "print") (param i32 i32 i32) (result i32)
  (global.set $port (local.get 0)) (global.set $length (local.get 2)) (i32.const 0))`;
const KEY = `(func (export "key") (param i32) (result i32) (local $it i32)
  (local.set $it (global.get $port)) (global.set $port (global.get $length)) (global.set $length (i32.const -1))
  (local.get $it))`;
const adding = (name: string) => `(func (export "${name}") (param i32)
  (global.set $seen (i32.add (global.get $seen) (local.get 0))))`;

const [DISK, NIC] = [0x18, 0x20];

/** A module of this, attached to disk and NIC. */
function attached(code: string) {
  const { port } = smallMachine();
  const module = driverOf('', DRIVER + code);
  const model = module.model();
  model.enumerate(port);
  const handles = [DISK, NIC].map((bdf) => model.drivers[0]!.attach(port, bdf));
  return { use: model.use, handles, seen: () => module.on(port).call('seen') };
}

describe('the uses of scenarios', () => {
  test("are the module's exports by these names", () => {
    const { use } = attached(SEND + READ + adding('stop'));

    expect(Object.keys(use)).toEqual(['send', 'read', 'stop']);
  });

  test('are none of a module without a function', () => {
    expect(driverOf('', `(func (export "run")) (func (export "stop"))`).model().use).toEqual({});
  });

  test('print and take keys by COM1, of a module without a function too', () => {
    const { port } = smallMachine();
    const model = driverOf('', PRINT + KEY).model();

    model.use.print!(Uint8Array.of(0x41, 0x42), [], port);
    const keys = [1, 2, 3].map(() => model.use.key!([], port));

    expect([Object.keys(model.use), model.drivers, keys]).toEqual([['print', 'key'], [], [0x3f8, 2, null]]);
  });

  test('send by the NIC, and return whether there was room', () => {
    const { use, handles, seen } = attached(SEND);

    const sent = [0, 1].map((first) => use.send!(Uint8Array.of(first, 2, 3), handles));

    expect([sent, seen()]).toEqual([[true, false], NIC]);
  });

  test('receive until nothing is there', () => {
    const { use, handles } = attached(RECEIVE);

    expect(use.receive!(handles)).toEqual([Uint8Array.of(2, 0), Uint8Array.of(1)]);
  });

  test('read by the disk, from a block of 64 bits', () => {
    const { use, handles, seen } = attached(READ);
    const bytes = use.read!(2 ** 40 + 5, 3, handles);

    const told = new DataView(bytes.buffer);

    expect([bytes.length, told.getBigUint64(0, true), told.getUint32(8, true)]).toEqual([
      1536,
      2n ** 40n + 5n,
      1536,
    ]);
    expect(seen()).toBe(DISK);
  });

  test("write, and leave the caller's bytes unchanged", () => {
    const { use, handles, seen } = attached(WRITE);
    const bytes = new Uint8Array(512);

    use.write!(7, bytes, handles);

    expect([seen(), bytes]).toEqual([7, new Uint8Array(512)]);
  });

  test('fail when an export fails', () => {
    const { use, handles } = attached(WRITE);

    expect(() => use.write!(7, new Uint8Array(512).fill(5), handles)).toThrow(
      'driver.wasm: write returned 5: it gave up',
    );
  });

  test('read blocks of the size that the driver tells', () => {
    const SIZE = '(func (export "block_size") (param i32) (result i32) (i32.const 4096))';
    const { use, handles } = attached(READ + SIZE);

    const bytes = use.read!(1, 2, handles);

    expect([bytes.length, new DataView(bytes.buffer).getUint32(8, true)]).toEqual([8192, 8192]);
  });

  test('flush the disk', () => {
    const { use, handles, seen } = attached(adding('flush'));

    use.flush!(handles);

    expect(seen()).toBe(DISK);
  });

  test.each(['stop', 'suspend', 'resume'] as const)('is done to every function: %s', (name) => {
    const { use, handles, seen } = attached(adding(name));

    use[name]!(handles);

    expect(seen()).toBe(DISK + NIC);
  });
});
