import { expect, test } from 'vitest';
import type { GuestPort } from '../core/guest-port.ts';
import { gceN1 } from './gce-n1.ts';

/** A byte of the host bridge's configuration space. */
function bridge(port: GuestPort, offset: number, value: number): void {
  port.out(0xcf8, 0x8000_0000 | (offset & 0xfc), 4);
  port.out(0xcfc + (offset & 3), value, 1);
}

test('firmware leaves its tables readable and safe from the CPU', () => {
  const { port } = gceN1();
  // "RSD "
  const before = port.read(0xf_2a70, 4);
  port.write(0xf_2a70, 0, 4);
  expect([before, port.read(0xf_2a70, 4)]).toEqual([0x2044_5352, 0x2044_5352]);
});

test('the CPU writes to RAM and reads from ROM, of which there is none', () => {
  const { port } = gceN1();
  bridge(port, 0x5e, 0x02);
  port.write(0xe_0000, 0x1234_5678, 4);
  const fromRom = port.read(0xe_0000, 4);
  bridge(port, 0x5e, 0x01);
  port.write(0xe_0000, 0, 4);
  expect([fromRom, port.read(0xe_0000, 4)]).toEqual([0xffff_ffff, 0x1234_5678]);
});

test('at power-on there is no RAM from A0000 to FFFFF for the CPU, while devices reach it', () => {
  const { port } = gceN1({ firmware: false });
  port.memory.store(0xf_0000, 0x5a, 1);
  expect([port.read(0xf_0000, 1), port.read(0xa_0000, 1), port.memory.load(0xf_0000, 1)]).toEqual([
    0xff, 0xff, 0x5a,
  ]);
});

test('SMRAM that is open is RAM where the VGA window was', () => {
  const { port } = gceN1();
  port.write(0xa_0000, 1, 4);
  const closed = port.read(0xa_0000, 4);
  bridge(port, 0x72, 0x4a);
  port.write(0xa_0000, 2, 4);
  expect([closed, port.read(0xa_0000, 4)]).toEqual([0xffff_ffff, 2]);
});
