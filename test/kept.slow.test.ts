import { describe, expect, test } from 'vitest';
import { probeMachine } from '../src/conformance/index.ts';
import { UartDriver } from '../src/guest/drivers/uart16550.ts';
import { virtioNet } from '../src/guest/index.ts';
import { gceN1, Replay } from '../src/index.ts';

const COM1 = 0x3f8;
/** Its last byte is its number. */
const frame = (number: number) => new Uint8Array(60).fill(0x42).fill(number, 59);
const many = Array.from({ length: 100 }, (_, number) => frame(number));

describe('a NIC', () => {
  test('keeps the last frames that the guest sent, counts them all, and reports each', () => {
    const machine = gceN1({ nics: [{ keep: 64 }] });
    const [wire] = machine.nics;
    let told = 0;
    wire!.onFrame = () => told++;
    const nic = machine.attach(virtioNet());

    for (const one of many) nic.send(one);

    expect(wire!.sent).toEqual(many.slice(-64));
    expect([wire!.sentTotal, told]).toEqual([100, 100]);
  });

  test('keeps 4096 by default', () => {
    const machine = gceN1({ judge: false });
    const nic = machine.attach(virtioNet());

    for (let i = 0; i < 42; i++) for (const one of many) nic.send(one);

    expect([machine.nics[0]!.sent.length, machine.nics[0]!.sentTotal]).toEqual([4096, 4200]);
  });

  test('that keeps few passes a probe, however many were sent before and during it', () => {
    const machine = gceN1({ nics: [{ keep: 64, backend: 'loopback' }] });
    const nic = machine.attach(virtioNet());
    for (const one of many) nic.send(one);
    nic.close();

    const { requirements } = probeMachine(machine, { text: '', frames: many });

    expect(requirements.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    expect(requirements.find(({ clause }) => clause === 'gce/NET')!.outcome).toBe('pass');
  });

  test.each([63, 64.5, 2 ** 21])('is refused %d frames to keep', (keep) => {
    expect(() => gceN1({ nics: [{ keep }] })).toThrow(`nics[0].keep must be a whole number from 64`);
  });
});

describe('a replayed capture', () => {
  test('keeps the last frames that the guest sent, and counts them all', () => {
    const replay = new Replay([], { keep: 3 });

    for (const one of many) replay.send(one);

    expect([replay.sent, replay.sentTotal]).toEqual([many.slice(-3), 100]);
  });

  test.each([-1, 0.5, Number.NaN])('is refused %d frames to keep', (keep) => {
    expect(() => new Replay([], { keep })).toThrow('must be a number of frames');
  });
});

describe('a serial port', () => {
  test('keeps the last bytes that the guest sent, counts all, and sends listeners each byte', () => {
    const machine = gceN1({ serial: { keep: 8 } });
    const [com1] = machine.serial;
    let heard = 0;
    com1!.listen({ receive: () => heard++ });
    const uart = new UartDriver(machine.port, COM1);
    uart.open();

    uart.write(new TextEncoder().encode('what was said first, and last'));

    expect([com1!.text, com1!.sentTotal, heard]).toEqual(['and last', 29, 29]);
  });

  test('that keeps nothing has no text', () => {
    const machine = gceN1({ serial: { keep: 0 } });
    const uart = new UartDriver(machine.port, COM1);
    uart.open();

    uart.write(new Uint8Array(2000).fill(0x2e));

    const [com1] = machine.serial;
    expect([com1!.text, com1!.bytes.length, com1!.sentTotal]).toEqual(['', 0, 2000]);
  });
});
