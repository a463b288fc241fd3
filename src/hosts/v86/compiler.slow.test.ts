import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Access } from '../../core/access.ts';
import type { Machine } from '../../machine/machine.ts';
import { elfOf, HALT } from '../boot/kernel-rig.ts';
import type { WebAssemblyApi } from './emulator.ts';
import { V86Host } from './host.ts';
import { closedHosts, small } from './rig.ts';

declare const WebAssembly: WebAssemblyApi;

const MILLISECOND = 1_000_000;
/** v86's interval between two checks of its timers. */
const LOOK = 10_007 * 10;
/** An instruction takes 10 ns, a loop iteration is two, and a check takes 500 ns. */
const ROUND = 20 * (1 + 500 / LOOK);
const COUNTER = 0x20_0000;
/** `inc dword [200000]; jmp` to it. */
const COUNTS = [0xff, 0x05, 0x00, 0x00, 0x20, 0x00, 0xeb, 0xf8];
const LOADED_AT = 0x10_0000;
/** `mov ecx, 1000; dec ecx; jnz` to it. */
const BUSY = [0xb9, 0xe8, 0x03, 0x00, 0x00, 0x49, 0x75, 0xfd];
const [GDT, IDT, VECTOR] = [0x17_0000, 0x18_0000, 0x40];
const DOORBELL = 0xd000_0000;
/**
 * Masks the 8259s, loads ESP, GDTR and IDTR, and `sti`; then it is busy, `mov [d0000000], eax`, and again. The handler
 * counts, writes EOI, and returns.
 */
const INTERRUPTED = [
  ...[0xb0, 0xff, 0xe6, 0x21, 0xe6, 0xa1, 0xbc, 0x00, 0x00, 0x19, 0x00],
  ...[0x0f, 0x01, 0x15, 0xf0, 0xff, 0x17, 0x00, 0x0f, 0x01, 0x1d, 0xfa, 0xff, 0x17, 0x00, 0xfb],
  ...BUSY,
  ...[0xa3, 0x00, 0x00, 0x00, 0xd0, 0xeb, 0xf1],
  ...[0xff, 0x05, 0x00, 0x00, 0x20, 0x00, 0xc7, 0x05, 0xb0, 0x00, 0xe0, 0xfe, 0x00, 0x00, 0x00, 0x00, 0xcf],
];
const HANDLER = 41;
/** After a million instructions, 10 ms, it is compiled. */
const LONG = 30 * MILLISECOND;
const hosts = closedHosts();

async function counting(): Promise<{ machine: Machine; host: V86Host }> {
  const machine = small();
  const host = await V86Host.create(machine, { kernel: elfOf(COUNTS) });
  hosts.push(host);
  return { machine, host };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the guest's code", () => {
  test('is compiled after it has run for long, and only once', async () => {
    const { host } = await counting();
    const compiled = vi.spyOn(WebAssembly, 'Module');

    await host.run({ limit: 5 * MILLISECOND });
    const early = compiled.mock.calls.length;
    await host.run({ limit: LONG });
    await host.run({ limit: LONG });

    expect([early, compiled.mock.calls.length]).toEqual([0, 1]);
  });

  test('takes as long compiled as before, and timers are checked as often', async () => {
    const { machine, host } = await counting();
    const { clock } = machine.chassis.board;
    await host.run({ limit: MILLISECOND });
    const [begun, rounds] = [clock.now, machine.port.read(COUNTER, 4)];
    const late: number[] = [];
    for (const delay of [3, 40.5, 50.01, 60.777].map((ms) => ms * MILLISECOND)) {
      const look = () => late.push((machine.port.read(COUNTER, 4) - rounds) * ROUND - (clock.now - begun));
      clock.timer('look', look).arm(delay);
    }

    await host.run({ limit: 80 * MILLISECOND });

    expect(late.map((nanos) => Math.abs(nanos) <= LOOK)).toEqual([true, true, true, true]);
  });

  test('is read from memory again when a device overwrites compiled code', async () => {
    const { machine, host } = await counting();
    await host.run({ limit: LONG });

    machine.chassis.board.memory.write(LOADED_AT, Uint8Array.from([0xfa, ...HALT]));

    expect(await host.run()).toBe('halted');
  });

  test.each([
    ['mov al, [d0000000]', [0xa0], 1],
    ['mov ax, [d0000000]', [0x66, 0xa1], 2],
    ['or [d0000000], ax', [0x66, 0x09, 0x05], 2],
  ])('reads as many bytes compiled as before: %s', async (_text, code, width) => {
    const body = [...BUSY, ...code, 0x00, 0x00, 0x00, 0xd0];
    const loop = [...body, 0xeb, -(body.length + 2) & 0xff];
    const host = await V86Host.create(small(), { kernel: elfOf(loop) });
    hosts.push(host);
    const widths = new Set<number>();
    host.machine.observe({ begin: (access: Access) => void widths.add(access.width), end: () => {} });
    const compiled = vi.spyOn(WebAssembly, 'Module');

    await host.run({ limit: LONG });

    expect([compiled.mock.calls.length > 0, [...widths]]).toEqual([true, [width]]);
  });

  test('goes on with interrupts that are raised in the middle of its instructions', async () => {
    const machine = small();
    const host = await V86Host.create(machine, { kernel: elfOf(INTERRUPTED) });
    hosts.push(host);
    const { board, interrupts } = machine.chassis;
    board.memory.write(IDT - 16, Uint8Array.of(0x1f, 0, 0, 0, GDT >> 16, 0));
    board.memory.write(IDT - 6, Uint8Array.of(0xff, 0x07, 0, 0, IDT >> 16, 0));
    board.memory.write(GDT + 0x10, Uint8Array.of(0xff, 0xff, 0, 0, 0, 0x9a, 0xcf, 0));
    const gate = [HANDLER, 0, 0x10, 0, 0, 0x8e, LOADED_AT >> 16, 0];
    board.memory.write(IDT + VECTOR * 8, Uint8Array.from(gate));
    const begin = ({ address }: Access) => {
      if (address === DOORBELL) interrupts.message(0xfee0_0000, VECTOR);
    };
    machine.observe({ begin, end: () => {} });
    const compiled = vi.spyOn(WebAssembly, 'Module');
    const counts: number[] = [];
    for (const limit of [LONG, LONG]) {
      await host.run({ limit });
      counts.push(machine.port.read(COUNTER, 4));
    }

    expect(compiled.mock.calls.length).toBeGreaterThan(0);
    expect(counts[1]! - counts[0]!).toBeGreaterThan(5);
  });
});
