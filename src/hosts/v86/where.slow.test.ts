import { describe, expect, test } from 'vitest';
import { control, elfOf, HALT, lidt, MASK_PAIR, PAGING, store, UD2 } from '../boot/kernel-rig.ts';
import { V86Host } from './host.ts';
import { closedHosts, small } from './rig.ts';

/** Where `elfOf` puts code. */
const CODE = 0x10_0000;
const DIRECTORY = 0x40_0000;
/** `jmp` to itself. */
const SPIN = [0xeb, 0xfe];
/** CR4.PSE, and a directory entry of 4 MiB: present, writable. */
const PAGED = [...store(DIRECTORY, 0x83), ...control('cr4', 0x10), ...control('cr3', DIRECTORY), ...PAGING];
/** CR4.PAE, the first of four pointers, and a directory entry of 2 MiB. */
const PAE = [
  ...[...store(DIRECTORY, (DIRECTORY + 0x1000) | 1), ...store(DIRECTORY + 0x1000, 0x83)],
  ...[...control('cr4', 0x20), ...control('cr3', DIRECTORY), ...PAGING],
];
const MILLISECOND = 1_000_000;
const hosts = closedHosts();

/** Runs code for a millisecond. */
async function ran(code: readonly number[]): Promise<V86Host> {
  const machine = small();
  const host = await V86Host.create(machine, { kernel: elfOf(code) });
  hosts.push(host);
  await host.run({ limit: MILLISECOND });
  return host;
}

describe('where a guest is', () => {
  test('is the next instruction while it spins', async () => {
    const { where } = await ran(SPIN);

    expect(where).toEqual({ cs: 0x10, eip: CODE, mode: 'protected', halted: false, interrupts: false });
  });

  test('is behind the hlt at which it waits', async () => {
    const { where } = await ran([...MASK_PAIR, 0xfb, ...HALT]); // sti

    expect(where).toMatchObject({ eip: CODE + MASK_PAIR.length + 2, halted: true, interrupts: true });
  });

  test.each([
    ['paged', PAGED],
    ['PAE', PAE],
  ])('has the mode: %s', async (mode, code) => {
    const { where } = await ran([...code, ...SPIN]);

    expect(where).toMatchObject({ mode, eip: CODE + code.length });
  });

  test('is an offset into the segment in real mode', async () => {
    const machine = small({ firmware: false });
    const firmware = new Uint8Array(0x1_0000);
    firmware.set(SPIN, 0xfff0);
    const host = await V86Host.create(machine, { firmware });
    hosts.push(host);

    await host.run({ limit: MILLISECOND });

    expect(host.where).toMatchObject({ cs: 0xf000, eip: 0xfff0, mode: 'real' });
  });

  test('is the instruction that was never finished after a crash', async () => {
    const code = lidt(0, 0);
    const { where, crash } = await ran([...code, ...UD2]);

    expect([where.eip, crash!.eip]).toEqual([CODE + code.length, CODE + code.length]);
  });
});
