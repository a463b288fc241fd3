import { describe, expect, test } from 'vitest';
import { gceN1 } from '../machine/gce-n1.ts';

/** The address of BAR0 set by the firmware of 2024. */
const FRAME = 0xfe00_0000;
const SIZE = 8 << 20;
/** 00:05.0, after the one NIC. */
const DISPLAY = 0x28;

describe('the virtual display', () => {
  test('is absent by default', () => {
    const machine = gceN1();

    expect([machine.display, machine.functions.length]).toEqual([null, 5]);
  });

  test('has the identity that guests on Compute Engine printed', () => {
    const machine = gceN1({ display: true });

    expect(machine.idOf(DISPLAY)).toMatchObject({ vendor: 0x1ae0, device: 0xa002, class: 0x03_0000 });
  });

  test('has the hardware ID that Windows made there: VEN_1AE0, DEV_A002, SUBSYS_00011AE0, REV_01', () => {
    const { bus } = gceN1({ display: true }).chassis;
    const read = (offset: number, width: 1 | 4) => bus.at(DISPLAY)!.readConfig(offset, width);

    expect([read(0, 4), read(0x2c, 4), read(8, 1)]).toEqual([0xa002_1ae0, 0x0001_1ae0, 0x01]);
  });

  test('has one base address, of 32-bit memory that is not prefetchable, and no interrupt pin', () => {
    const { chassis } = gceN1({ display: true, firmware: false });
    const display = chassis.bus.at(DISPLAY)!;
    for (let offset = 0x10; offset < 0x28; offset += 4) display.writeConfig(offset, 0xffff_ffff, 4);

    const bars = Array.from({ length: 6 }, (_, i) => display.readConfig(0x10 + i * 4, 4));

    expect([bars, display.readConfig(0x3d, 1)]).toEqual([[0xff80_0000, 0, 0, 0, 0, 0], 0]);
  });

  test('keeps written values, in every width, up to its last byte', () => {
    const { port } = gceN1({ display: true });

    port.write(FRAME, 0x8877_6655, 4);
    port.write(FRAME + 4, 0xbbaa, 2);
    port.write(FRAME + SIZE - 1, 0xcc, 1);

    const read = [port.read(FRAME + 3, 1), port.read(FRAME + 4, 2), port.read(FRAME + SIZE - 4, 4)];
    expect(read).toEqual([0x88, 0xbbaa, 0xcc00_0000]);
  });

  test('answers unaligned accesses', () => {
    const { port } = gceN1({ display: true });

    port.write(FRAME + 0x1003, 0x4433_2211, 4);

    expect([port.read(FRAME + 0x1003, 4), port.read(FRAME + 0x1004, 2)]).toEqual([0x4433_2211, 0x3322]);
  });

  test('reads zeros before, and no device answers beyond it', () => {
    const { port } = gceN1({ display: true });

    expect([port.read(FRAME + SIZE - 4, 4), port.read(FRAME - 4, 4)]).toEqual([0, 0xffff_ffff]);
  });

  test('shows the user what the guest drew, without a finding', () => {
    const machine = gceN1({ display: true });

    machine.port.write(FRAME + 0x400, 0x0403_0201, 4);

    expect([...machine.display!.bytes.subarray(0x400, 0x405)]).toEqual([1, 2, 3, 4, 0]);
    expect([machine.display!.bytes.length, machine.findings]).toEqual([SIZE, []]);
  });

  test('keeps its picture over a reset', () => {
    const machine = gceN1({ display: true });
    machine.port.write(FRAME, 0x5a, 1);

    machine.reset('hard');

    expect(machine.port.read(FRAME, 1)).toBe(0x5a);
  });
});
