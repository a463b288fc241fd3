import { describe, expect, test } from 'vitest';
import { control, elfOf, HALT, lidt, outb, outw, UD2 } from '../../../src/hosts/boot/kernel-rig.ts';
import { KvmHost } from '../../../src/hosts/kvm/index.ts';
import { gceN1 } from '../../../src/machine/gce-n1.ts';
import type { MachineOptions } from '../../../src/machine/options.ts';
import { workFolder } from '../work-folder.ts';
import { answer, guest64Bytes, NEEDS, SAYS } from './guest64.ts';
import { REFUSED } from './there.ts';

const SECOND = 1_000_000_000;
const MILLISECOND = 1_000_000;
/** No guest here takes a tenth of it. */
const LIMIT = 60 * SECOND;
const SPIN = [0xeb, 0xfe];
const OFF = [...outw(0xb004, 0x2000), ...HALT];
const ANYHOW = { slow: true };

const machineOf = (options: MachineOptions = {}) =>
  gceN1({ memory: { below4G: 16 << 20 }, disks: [], nics: [], serial: { pace: 'instant' }, ...options });

/** Runs a kernel to its end. */
async function run(code: readonly number[], limit = LIMIT) {
  const machine = machineOf();
  await using host = await KvmHost.create(machine, { kernel: elfOf(code) }, ANYHOW);
  const end = await host.run({ limit });
  return { machine, host, end, where: host.where };
}

describe.runIf(REFUSED === null)('on /dev/kvm', () => {
  const folder = workFolder();

  test('a guest of 64 bits uses ports, device memory and interrupts, and powers off', async () => {
    const machine = machineOf(NEEDS);
    const vectors = new Set<number>();
    machine.events.on('interrupt', (vector) => vectors.add(vector));
    answer(machine);
    await using host = await KvmHost.create(machine, { kernel: guest64Bytes(folder) }, ANYHOW);

    const end = await host.run({ limit: LIMIT });

    expect([machine.serial[0]!.text, end, host.crash]).toEqual([SAYS, 'off', null]);
    expect([...vectors]).toEqual([0x20, 0x24, 0x40]);
    expect(machine.findings).toEqual([]);
  });

  test('a guest that computes without end is ended, though it never exits', async () => {
    const { end, where, machine } = await run(SPIN, 50 * MILLISECOND);

    expect([end, where.mode, where.halted]).toEqual(['limit', 'protected', false]);
    expect(machine.now).toBeGreaterThanOrEqual(50 * MILLISECOND);
  });

  test('two guests that compute take turns, and neither delays the other', async () => {
    const ends = await Promise.all([run(SPIN, 50 * MILLISECOND), run(SPIN, 50 * MILLISECOND)]);

    expect(ends.map(({ end }) => end)).toEqual(['limit', 'limit']);
  });

  test('the process goes on with other work while a guest computes', async () => {
    let others = 0;
    const timer = setInterval(() => others++, 5);

    await run(SPIN, 200 * MILLISECOND);
    clearInterval(timer);

    expect(others).toBeGreaterThan(2);
  });

  test('a permanently halted guest has ended', async () => {
    const { end, where } = await run(HALT);

    expect([end, where.halted, where.interrupts]).toEqual(['halted', true, false]);
  });

  test('a triple fault is a crash, and has its address', async () => {
    const { end, host } = await run([...outb(0x3ff, 0x5a), ...lidt(0, 0), ...UD2]);

    expect(end).toBe('crash');
    expect(host.crash).toMatchObject({ unable: null, cs: 0x10 });
    expect(host.crash!.accesses.at(-1)!.text).toBe('ttyS0 SCR ← 5a');
  });

  test('a guest that resets its machine is booted again, by another processor in the same one', async () => {
    const machine = machineOf();
    const kernels = [elfOf([...outb(0xcf9, 6), ...HALT]), elfOf([...outb(0x3f8, 0x41), ...OFF])];
    const ends: string[] = [];

    for (const kernel of kernels) {
      await using host = await KvmHost.create(machine, { kernel }, ANYHOW);
      ends.push(await host.run({ limit: LIMIT }));
    }

    expect([ends, machine.serial[0]!.text]).toEqual([['reset', 'off'], 'A']);
  });

  test("a guest's stores to RAM are in the machine, also when the processor is gone", async () => {
    // mov dword [400000], 12345678
    const store = [0xc7, 0x05, 0, 0, 0x40, 0, 0x78, 0x56, 0x34, 0x12];
    const { machine } = await run([...store, ...OFF]);

    expect(machine.port.memory.load(0x40_0000, 4)).toBe(0x1234_5678);
  });

  test('a host that is closed stays so, and runs no more', async () => {
    const host = await KvmHost.create(machineOf(), { kernel: elfOf(SPIN) }, ANYHOW);
    const running = host.run();

    await host.close();
    await host.close();

    await expect(running).rejects.toThrow('run: the host was closed meanwhile');
    await expect(host.run()).rejects.toThrow('run: the host is closed');
    expect(host.where.halted).toBe(false);
  });

  test('where CR3 leads nowhere a guest that turns on paging crashes', async () => {
    const paging = [0x0f, 0x20, 0xc0, 0x0d, 0, 0, 0, 0x80, 0x0f, 0x22, 0xc0];
    const { end } = await run(
      [...control('cr4', 0x20), ...control('cr3', 0x30_0000), ...paging, ...SPIN],
      SECOND,
    );

    expect(end).toBe('crash');
  });
});

describe.runIf(REFUSED !== null)('without /dev/kvm', () => {
  test('a guest is refused, in one line', async () => {
    console.warn(`No guest was run: ${REFUSED}`);

    await expect(KvmHost.create(machineOf(), { kernel: elfOf(HALT) }, ANYHOW)).rejects.toThrow(
      /^(kvm: (needs Linux|there is no|\/dev\/kvm )|koffi: ).+$/,
    );
  });
});
