import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GuestPort } from '../../src/core/guest-port.ts';
import { PL011_PLACES } from '../../src/core/places.ts';
import { QemuPort } from '../../src/hosts/qemu/index.ts';
import { gceT2A } from '../../src/index.ts';
import { GENERIC_UART, PL011_ONLY } from '../../src/serial/pl011/registers.ts';

const BINARY = 'qemu-system-aarch64';
const present = spawnSync(BINARY, ['--version']).status === 0;
const [BASE] = PL011_PLACES;
const OFFSET = new Map([...GENERIC_UART, ...PL011_ONLY].map(({ name, offset }) => [name.slice(4), offset]));

/** `IMSC=7ff` writes, `FR?` reads, `10*DR=41` writes ten times; hexadecimal but for the count. */
function play(port: GuestPort, script: string): string[] {
  const reads: string[] = [];
  for (const [, times, name, value] of script.matchAll(/(?:(\d+)\*)?([A-Z_]+)(?:=([0-9a-f]+)|\?)/g))
    for (let i = 0; i < Number(times ?? 1); i++) {
      const at = BASE + OFFSET.get(name!)!;
      if (value === undefined) reads.push(`${name} ${port.read(at, 4).toString(16)}`);
      else port.write(at, Number.parseInt(value, 16), 4);
    }
  return reads;
}

/** From wherever a test left it to 115200 8N1 with FIFOs, nothing enabled, nothing pending, not looped. */
const QUIET = 'CR=0 IMSC=0 LCR_H=0 IBRD=d FBRD=1 LCR_H=70 IFLS=12 CR=301 ICR=7ff RSR=0';

/**
 * The same accesses on our PL011 and on QEMU's, whose other end takes bytes at once: ours has that pace here. Not
 * compared are intended differences: QEMU shows no pins of a modem, raises TX with each character that is written, RX with
 * the first that comes, and no RT (docs/fidelity.md).
 */
describe.skipIf(!present)('QEMU answers as we do', () => {
  let qemu: QemuPort;
  const ours = gceT2A({ serial: { whole: true, pace: 'instant' } }).port;

  beforeAll(() => {
    qemu = QemuPort.start({
      binary: BINARY,
      interrupts: false,
      arguments: ['-machine', 'virt', '-cpu', 'cortex-a57', '-serial', 'null', '-S'],
    });
  });
  beforeEach(() => {
    for (const port of [qemu, ours]) play(port, QUIET);
  });
  afterAll(() => qemu.close());

  test.each([
    [
      'which bits of the divisor and the format there are',
      'CR=0 IBRD=ffff IBRD? FBRD=3f FBRD? LCR_H=7e LCR_H?',
    ],
    ['which bits the mask has', 'IMSC=7ff IMSC? IMSC=0 IMSC?'],
    ['that levels and control are kept', 'IFLS=2d IFLS? IFLS=12 CR=0 CR? CR=f01 CR? CR=301'],
    ['that UARTRIS and UARTMIS take no writes', 'RIS=7ff MIS=7ff RIS? MIS?'],
    ['loopback: what is sent is received', 'CR=0 CR=381 DR=41 DR=42 FR? DR? DR? RSR?'],
    ['which interrupts UARTICR ends', 'IMSC=7ff ICR=7ff MIS?'],
  ])('%s', (_what, script) => {
    const masked = (reads: readonly string[]) => reads.map((read) => read.replace(/^FR (\w+)$/, flags));
    const theirs = masked(play(qemu, script));

    expect(masked(play(ours, script))).toEqual(theirs);
    expect(theirs.length).toBeGreaterThan(0);
  });
});

/** Without the pins of the modem. */
function flags(_text: string, hex: string): string {
  return `FR ${(Number.parseInt(hex, 16) & 0xf8).toString(16)}`;
}
