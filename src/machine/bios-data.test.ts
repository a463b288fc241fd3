import { describe, expect, test } from 'vitest';
import { gceN1 } from './gce-n1.ts';
import type { Machine } from './machine.ts';
import { qemuPc } from './qemu-pc.ts';

const SCRATCH = 7;
const LOW_RAM_END = 0xa_0000;
const MACHINES = [
  ['gceN1', gceN1],
  ['qemuPc', qemuPc],
] as const;

const word = ({ port }: Machine, address: number) => port.read(address, 2);
/** As Linux's get_bios_ebda and ACPICA find it: the segment at 40:0E. */
const ebdaOf = (machine: Machine) => word(machine, 0x40e) << 4;

describe.each(MACHINES)('the BIOS data areas of %s', (_name, make) => {
  test('name four ports at 0040:0000, with a UART behind each', () => {
    const machine = make();
    // As FreeBSD's loader and small kernels look for COM1 to COM4.
    const ports = [0, 2, 4, 6].map((offset) => word(machine, 0x400 + offset));
    for (const port of ports) machine.port.out(port + SCRATCH, 0x5a, 1);

    const answers = ports.map((port) => machine.port.in(port + SCRATCH, 1));

    expect(ports).toEqual([0x3f8, 0x2f8, 0x3e8, 0x2e8]);
    expect(answers).toEqual([0x5a, 0x5a, 0x5a, 0x5a]);
  });

  test('name no parallel port, and no device answers where one would be', () => {
    const machine = make();

    const ports = [8, 10, 12].map((offset) => word(machine, 0x400 + offset));

    expect(ports).toEqual([0, 0, 0]);
    expect([0x378, 0x278].map((port) => machine.port.in(port, 1))).toEqual([0xff, 0xff]);
  });

  test('count the serial ports, and say that there are a coprocessor and a mouse', () => {
    const equipment = word(make(), 0x410);

    expect((equipment >> 9) & 7).toBe(4);
    expect(equipment & 0x06).toBe(0x06);
  });

  test('end low RAM where the memory map does', () => {
    const machine = make();
    const [low, reserved] = machine.e820;
    const ebda = ebdaOf(machine);

    expect(low).toEqual({ base: 0, size: ebda, type: 1 });
    expect(reserved).toMatchObject({ base: ebda, type: 2 });
    expect(word(machine, 0x413) * 1024).toBe(ebda);
    expect(ebda + machine.port.read(ebda, 1) * 1024).toBe(LOW_RAM_END);
  });

  test('have an empty keyboard buffer', () => {
    const machine = make();

    const [head, tail, start, end] = [0x41a, 0x41c, 0x480, 0x482].map((at) => word(machine, at));

    expect(tail).toBe(head);
    expect([start, end]).toEqual([0x1e, 0x3e]);
    expect(head).toBe(start);
  });

  test('are not there at power-on', () => {
    const machine = make({ firmware: false });

    expect([word(machine, 0x400), ebdaOf(machine)]).toEqual([0, 0]);
  });
});

test('UEFI leaves no BIOS data area', () => {
  const machine = gceN1({ firmware: 'uefi' });

  expect([word(machine, 0x400), ebdaOf(machine)]).toEqual([0, 0]);
});

test('A reset puts them back, though drivers wrote there', () => {
  const machine = gceN1();
  machine.port.memory.fill(0x400, 0xff, 0x100);

  machine.reset('hard');

  expect(word(machine, 0x400)).toBe(0x3f8);
  expect(word(machine, 0x4fe)).toBe(0);
});
