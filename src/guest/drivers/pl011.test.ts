import { describe, expect, test } from 'vitest';
import { PL011_PLACES } from '../../core/places.ts';
import { gceT2A } from '../../machine/gce-t2a.ts';
import { SECOND } from '../driver-error.ts';
import { Pl011Driver } from './pl011.ts';

const [BASE] = PL011_PLACES;
const CLOCK = 24_000_000;
/** Several times the length of the FIFO. */
const TEXT = 'The quick brown fox jumps over the lazy dog, one hundred and one times.\n';
const BYTES = new TextEncoder().encode(TEXT);

describe('the driver of an Arm UART', () => {
  test.each(PL011_PLACES.map((base, i) => [i, base] as const))('prints on ttyAMA%d', (i, base) => {
    const machine = gceT2A();
    const uart = new Pl011Driver(machine.port, base);

    uart.open();
    uart.write(BYTES);

    expect(machine.serial[i]!.text).toBe(TEXT);
    expect(machine.findings).toEqual([]);
  });

  test.each([undefined, { clock: CLOCK, baud: 115_200 }, { clock: CLOCK, baud: 9600 }])(
    'prints and reads at %j',
    (rate) => {
      const machine = gceT2A({ serial: { whole: rate !== undefined } });
      const uart = new Pl011Driver(machine.port, BASE);
      uart.open(rate);

      uart.write(BYTES);
      machine.serial[0]!.type('ok\n');
      const came = [...uart.read(SECOND), ...uart.read(SECOND), ...uart.read(SECOND)];

      expect(machine.serial[0]!.text).toBe(TEXT);
      expect(String.fromCharCode(...came)).toBe('ok\n');
      expect(machine.findings).toEqual([]);
    },
  );

  test('sets the rate that it is given: ten bits of 9600 baud take 1.04 ms', () => {
    const machine = gceT2A({ serial: { whole: true } });
    const uart = new Pl011Driver(machine.port, BASE);
    uart.open({ clock: CLOCK, baud: 9600 });
    const begin = machine.now;

    uart.write(BYTES);

    expect((machine.now - begin) / BYTES.length).toBeGreaterThan(1_040_000);
    expect((machine.now - begin) / BYTES.length).toBeLessThan(1_070_000);
  });

  test('counts what comes with an error', () => {
    const machine = gceT2A();
    const uart = new Pl011Driver(machine.port, BASE);
    uart.open();
    machine.serial[0]!.uart.inject(0x55, { parity: true });

    expect(uart.read(SECOND)).toEqual(Uint8Array.of(0x55));
    expect(uart.errors).toBe(1);
  });
});
