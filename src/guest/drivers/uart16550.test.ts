import { describe, expect, test } from 'vitest';
import { COM_PORTS } from '../../core/places.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { SECOND } from '../driver-error.ts';
import { detectUart } from './uart-detect.ts';
import { UartDriver } from './uart16550.ts';

const IRQS = [4, 3, 6, 7];
/** Several times the length of the FIFO. */
const TEXT = 'The quick brown fox jumps over the lazy dog, one hundred and one times.\n';
const BYTES = new TextEncoder().encode(TEXT);

describe('the serial driver', () => {
  test.each(COM_PORTS.map((base, i) => [i, base] as const))('prints on ttyS%d by polling', (i, base) => {
    const machine = gceN1();
    const uart = new UartDriver(machine.port, base);

    uart.open();
    uart.write(BYTES);

    expect(machine.serial[i]!.text).toBe(TEXT);
    expect(machine.findings).toEqual([]);
  });

  test.each(COM_PORTS.map((base, i) => [i, base, IRQS[i]!] as const))(
    'prints and reads on ttyS%d by interrupt',
    (i, base, irq) => {
      const machine = gceN1();
      const uart = new UartDriver(machine.port, base);
      uart.open();
      uart.listen(irq);

      uart.write(BYTES);
      uart.write(BYTES);
      machine.serial[i]!.type('ok\n');

      // Three bytes are below the trigger level: the character timeout delivers them.
      expect(new TextDecoder().decode(uart.read(SECOND))).toBe('ok\n');
      expect(machine.serial[i]!.text).toBe(TEXT + TEXT);
      expect(machine.findings).toEqual([]);
    },
  );

  test('serves simultaneous receive and transmit interrupts, since there is only one edge', () => {
    const machine = gceN1();
    const uart = new UartDriver(machine.port, 0x3f8);
    uart.open();
    uart.listen(4);

    machine.serial[0]!.type('ok\n');
    // Interrupts are off until the character timeout, so that it is pending when the transmitter interrupts as well.
    machine.port.mask();
    machine.port.wait(() => false, SECOND);
    machine.port.unmask();
    uart.write(BYTES);

    expect(new TextDecoder().decode(uart.read(SECOND))).toBe('ok\n');
    expect(machine.serial[0]!.text).toBe(TEXT);
    expect(uart.errors).toBe(0);
  });

  test('reports within its timeout that no interrupt comes on a wrong line', () => {
    const uart = new UartDriver(gceN1().port, 0x3e8);
    uart.open();
    // COM3's line on a plain PC; on GCE it is 6.
    uart.listen(4);

    expect(() => uart.write(BYTES)).toThrow(/^uart 3e8: the THRE interrupt does not come/);
  });

  test('detects a 16550A, and the absence of one', () => {
    const { port } = gceN1();

    expect([0x3f8, 0x2e8, 0x380].map((base) => detectUart(port, base))).toEqual(['16550A', '16550A', 'none']);
  });

  test('prints and reads without FIFOs, and loses nothing', () => {
    const machine = gceN1({ serial: { fifo: false } });
    const uart = new UartDriver(machine.port, 0x3f8);
    uart.open();
    uart.write(BYTES);
    uart.listen(4);
    uart.write(BYTES);
    machine.serial[0]!.type('yes');
    machine.port.wait(() => false, SECOND);

    expect(machine.serial[0]!.text).toBe(TEXT + TEXT);
    expect(new TextDecoder().decode(uart.read())).toBe('yes');
    expect([detectUart(machine.port, 0x3f8), machine.findings]).toEqual(['16450', []]);
  });

  test('refuses a rate that is not a divisor of 115200', () => {
    expect(() => new UartDriver(gceN1().port, 0x3f8).open(100_000)).toThrow(
      'baud must be a divisor of 115200',
    );
  });
});
