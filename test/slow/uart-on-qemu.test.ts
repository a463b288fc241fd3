import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GuestPort } from '../../src/core/guest-port.ts';
import { QemuPort } from '../../src/hosts/qemu/index.ts';
import { gceN1 } from '../../src/index.ts';

const present = spawnSync('qemu-system-x86_64', ['--version']).status === 0;
const COM1 = 0x3f8;
const OFFSET: Readonly<Record<string, number>> = {
  // Reads and writes of one offset have names of their own.
  RBR: 0,
  THR: 0,
  DLL: 0,
  IER: 1,
  DLM: 1,
  IIR: 2,
  FCR: 2,
  LCR: 3,
  MCR: 4,
  LSR: 5,
  MSR: 6,
  SCR: 7,
};

/** `FCR=07` writes, `LSR?` reads, `10*THR=41` writes ten times; hexadecimal but for the count. */
function play(port: GuestPort, script: string): string[] {
  const reads: string[] = [];
  for (const [, times, name, value] of script.matchAll(/(?:(\d+)\*)?([A-Z]+)(?:=([0-9a-f]+)|\?)/g))
    for (let i = 0; i < Number(times ?? 1); i++) {
      const at = COM1 + OFFSET[name!]!;
      if (value === undefined) reads.push(`${name} ${port.in(at, 1).toString(16)}`);
      else port.out(at, Number.parseInt(value, 16), 1);
    }
  return reads;
}

/** From wherever a test left it to 115200 8N1 without FIFO, nothing enabled, nothing pending, OUT2 on. */
const QUIET = 'IER=00 MCR=08 FCR=01 FCR=07 FCR=00 LCR=83 DLL=01 DLM=00 LCR=03 LSR? RBR? IIR? MSR? SCR=00';

/**
 * The same accesses on our UART and on QEMU's, whose other end takes bytes at once: ours has that pace here. No script
 * covers intended differences (docs/fidelity.md: deltas of loopback, values at power-on, FCR without ENABLE).
 */
describe.skipIf(!present)('QEMU answers as we do', () => {
  let qemu: QemuPort;
  const ours = gceN1({ serial: { pace: 'instant' } }).port;

  beforeAll(() => {
    qemu = QemuPort.start({
      arguments: [
        ...['-machine', 'pc,usb=off,sata=off,vmport=off,graphics=off,hpet=off,smbus=off'],
        ...['-chardev', 'null,id=s0', '-device', 'isa-serial,chardev=s0,index=0'],
      ],
    });
  });
  beforeEach(() => {
    for (const port of [qemu, ours]) play(port, QUIET);
  });
  afterAll(() => qemu.close());

  test.each([
    [
      'which bits there are',
      'IER=ff IER? IER=00 MCR=ef MCR? MCR=08 LCR=7f LCR? LCR=03 SCR=a5 SCR? SCR=5a SCR?',
    ],
    ['that LSR and MSR take no writes', 'LSR=9f LSR? MSR=0f MSR? MSR?'],
    [
      'the divisor behind DLAB, IIR and FCR before it',
      'LCR=83 DLL=34 DLM=12 DLL? DLM? FCR=01 IIR? LCR=03 RBR? IER?',
    ],
    ['Linux: IER', 'IER? IER=00 IER? IER=0f IER? IER=00 IER?'],
    ['Linux: EFR at LCR = BF, which is FCR', 'FCR=01 IIR? LCR=bf FCR=00 LCR=00 IIR? FCR=01 IIR?'],
    [
      'Linux: ST16650, 16750, XScale',
      'FCR=01 LCR=80 IIR? LCR=bf IIR? LCR=00 FCR=21 IIR? LCR=80 FCR=21 IIR? LCR=00 IER=40 IER?',
    ],
    ['Linux: NatSemi', 'FCR=01 LCR=e0 IIR? MCR=18 IIR? MCR=08 LCR=00'],
    [
      'Linux: ID register of a 16C950, through SCR',
      'LCR=00 SCR=08 LSR=00 SCR=00 LSR=40 SCR=08 LSR? SCR=00 SCR?',
    ],
    ['Linux: size of the FIFO', 'FCR=01 FCR=07 MCR=18 20*THR=55 LSR? LSR? 16*RBR? LSR?'],
    [
      'Linux: THRE again, and TXEN',
      'IER=02 IIR? IIR? IER=00 IIR? IER=02 IIR? IER=00 LCR=03 MCR=0b IER=02 LSR? IIR? IER=00',
    ],
    ['Linux: the console', 'FCR=81 IER=07 IIR? IER? IER=00 LSR? THR=41 LSR? IER=07 IIR? IIR?'],
    ['FreeBSD: loopback to the overrun', 'MCR=1b FCR=01 IIR? FCR=07 17*THR=00 LSR? LSR? 16*RBR? LSR?'],
    ['FreeBSD: bits that must be 0', 'LCR=00 IER? IIR? MCR?'],
    ['NetBSD: LCR and IIR', 'LCR=03 FCR=00 LCR? IIR? FCR=c7 IIR? IIR? FCR=00 IER=00 IIR?'],
    ['SeaBIOS', 'IER=02 IER? IIR? IER=00'],
    [
      'FCR: only with ENABLE, and a change empties and asks',
      'IER=02 IIR? FCR=c0 IIR? FCR=01 IIR? IIR? FCR=00 IIR? IIR?',
    ],
    ['without FIFO a newer byte replaces an older', 'MCR=18 THR=41 THR=42 LSR? LSR? RBR? LSR?'],
    ['priorities', 'MCR=1a FCR=01 IER=06 17*THR=31 IIR? LSR? IIR? 16*RBR? IIR? IIR?'],
  ])('%s', (_what, script) => {
    const theirs = play(qemu, script);

    expect(play(ours, script)).toEqual(theirs);
    expect(theirs.length).toBeGreaterThan(0);
  });

  test('loopback of the modem lines, but for the deltas, which the first read of each pair takes', () => {
    const script = ['10', '11', '12', '14', '18', '1f'].map((mcr) => `MCR=${mcr} MSR? MSR?`).join(' ');
    const [theirs, own] = [qemu, ours].map((port) => play(port, script).filter((_, i) => i % 2 === 1));

    expect(own).toEqual(theirs);
    expect(theirs).toEqual(['MSR 0', 'MSR 20', 'MSR 10', 'MSR 40', 'MSR 80', 'MSR f0']);
  });
});
