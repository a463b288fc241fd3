import { describe, expect, test } from 'vitest';
import { UartDriver } from '../guest/drivers/uart16550.ts';
import { findIrq } from '../guest/parts/serial.ts';
import { gceN1 } from './gce-n1.ts';
import { qemuPc } from './qemu-pc.ts';

test('every listener gets every byte and every break, until it is removed', () => {
  const machine = gceN1();
  const [com1] = machine.serial;
  const heard: (string | boolean)[][] = [[], [], []];
  const [first, second, third] = heard.map((log) => ({
    receive: (byte: number) => log.push(String.fromCharCode(byte)),
    breaks: (on: boolean) => log.push(on),
  }));
  com1!.endpoint = first!;
  com1!.listen(second!);
  const stop = com1!.listen(third!);
  const uart = new UartDriver(machine.port, com1!.port);

  uart.open();
  uart.write(Uint8Array.of(0x61));
  machine.port.out(0x3fb, 0x43, 1); // LCR: set break
  machine.port.out(0x3fb, 0x03, 1);
  stop();
  uart.write(Uint8Array.of(0x62));

  expect(heard).toEqual([
    ['a', true, false, 'b'],
    ['a', true, false, 'b'],
    ['a', true, false],
  ]);
  expect(com1!.text).toBe('ab');
});

test('events name every port', () => {
  const machine = gceN1();
  const told: [string, number][] = [];
  machine.events.on('serial', (name, byte) => told.push([name, byte]));
  for (const { port } of machine.serial) {
    const uart = new UartDriver(machine.port, port);
    uart.open();
    uart.write(Uint8Array.of(0x21));
  }
  expect(told).toEqual([0, 1, 2, 3].map((i) => [`ttyS${i}`, 0x21]));
});

test("QEMU's COM3 and COM4 interrupt on the lines of COM1 and COM2, and a driver works with each", () => {
  const { port, serial } = qemuPc();

  const irqs = [0x3f8, 0x2f8, 0x3e8, 0x2e8].map((base) => findIrq(port, base));

  expect(irqs).toEqual([4, 3, 4, 3]);
  expect(serial.map(({ irq }) => irq)).toEqual([4, 3, 4, 3]);
});

test('an option moves the serial ports of a QEMU machine to other lines', () => {
  const { port } = qemuPc({ serial: { irqs: [4, 3, 6, 7] } });

  expect(findIrq(port, 0x3e8)).toBe(6);
});

describe('options', () => {
  test('ports can share IRQs, as on a plain PC: drivers share the line', () => {
    const machine = gceN1({ serial: { irqs: [4, 3, 4, 3] } });
    const [com1, com3] = [machine.serial[0]!, machine.serial[2]!];
    const uarts = [com1, com3].map(({ port }) => new UartDriver(machine.port, port));
    for (const uart of uarts) uart.open();
    for (const uart of uarts) uart.listen(4);

    com1.type('one');
    com3.type('three');
    const came = uarts.map((uart) => new TextDecoder().decode(uart.read(1e9)));

    expect([machine.serial.map(({ irq }) => irq), came]).toEqual([
      [4, 3, 4, 3],
      ['one', 'three'],
    ]);
    expect(machine.findings).toEqual([]);
  });

  test('without the pace of a line printing takes no more time than its accesses', () => {
    const times = (['baud', 'instant'] as const).map((pace) => {
      const machine = gceN1({ serial: { pace } });
      const uart = new UartDriver(machine.port, 0x3f8);
      uart.open();
      const before = machine.now;
      uart.write(new Uint8Array(160));
      return machine.now - before;
    });
    // 160 characters at 115200 baud; 160 writes and a look at LSR for each 16, with a microsecond each.
    expect(times[0]).toBeGreaterThan(160 * 86_805);
    expect(times[1]).toBeLessThan(200_000);
  });

  test.each([
    [{ irqs: [4, 3, 6] }, 'serial.irqs'],
    [{ irqs: [4, 3, 6, 8] }, 'serial.irqs[3] must be a whole number from 3 to 7; got 8'],
    [{ pace: 'fast' }, 'serial.pace must be "baud", "instant" or a whole number of nanoseconds'],
  ])('that are inconsistent are refused: %j', (serial, message) => {
    expect(() => gceN1({ serial } as never)).toThrow(message);
  });
});
