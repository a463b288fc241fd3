import { afterEach, describe, expect, test, vi } from 'vitest';
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
});
