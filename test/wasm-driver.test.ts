import { expect, test } from 'vitest';
import { driverOf, smallMachine } from '../src/hosts/wasm/rig.ts';

/** `print(byte)` writes to COM1, and does not wait. */
const hasty = driverOf(
  '(import "guestrig" "out8" (func $out (param i32 i32)))',
  '(func (export "print") (param i32) (call $out (i32.const 0x3f8) (local.get 0)))',
);

test('a finding of a driver in WebAssembly names its caller, without our frames', () => {
  const machine = smallMachine();
  const driver = hasty.on(machine.port);
  for (const byte of [0x68, 0x65]) driver.call('print', byte);

  const { clause, stack } = machine.findings[0]!;

  expect(clause).toBe('uart/THR-FULL');
  expect(stack).toContain('test/wasm-driver.test.ts');
  expect(stack).not.toMatch(/evalmachine|guard\.ts/);
});
