import { describe, expect, test } from 'vitest';
import type { Access } from '../../core/access.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { bzImageOf, elfOf, HALT, MASK_PAIR, outb, outw } from '../boot/kernel-rig.ts';
import { V86Host } from './host.ts';
import { closedHosts, small } from './rig.ts';

/** PMCNTRL at the place GCE's firmware gives it; SUS_EN with SUS_TYP 0: off. */
const POWER_OFF = outw(0xb004, 0x2000);
/** FIFO on; eight bits a character. */
const OPEN = [...outb(0x3fa, 0x01), ...outb(0x3fb, 0x03)];
const HI = [...OPEN, ...outb(0x3f8, 0x68), ...outb(0x3f8, 0x69), ...HALT];
const MILLISECOND = 1_000_000;
const SECOND = 1_000_000_000;
const GIBIBYTE = 2 ** 30;
const hosts = closedHosts();

/** Runs until the first port has sent this many characters, which takes a UART time. */
async function printed(host: V86Host, length: number): Promise<string> {
  const [serial] = host.machine.serial;
  await host.run({ until: () => serial!.text.length === length, limit: SECOND });
  return serial!.text;
}

async function start(code: readonly number[], machine = small()): Promise<V86Host> {
  const host = await V86Host.create(machine, { kernel: elfOf(code) });
  hosts.push(host);
  return host;
}

describe('a CPU in our machine', () => {
  test('is removed at the end of the block that has it', async () => {
    using machine = small();
    const closed: boolean[] = [];
    {
      await using host = await V86Host.create(machine, { kernel: elfOf(HI) });
      const close = host.close.bind(host);
      host.close = async () => void closed.push((await close()) === undefined);
    }

    expect(closed).toEqual([true]);
  });

  test('takes no host memory for RAM that was not written, and keeps what was', async () => {
    const machine = gceN1({ memory: { below4G: GIBIBYTE }, disks: [], nics: [] });
    const last = GIBIBYTE / 2 - 1;
    machine.chassis.board.memory.write(last, Uint8Array.of(0xa5));
    const before = process.memoryUsage.rss();
    await start(HI, machine);

    expect(process.memoryUsage.rss() - before).toBeLessThan(GIBIBYTE / 2);
    expect([...machine.chassis.board.memory.slice(last - 1, 3)!]).toEqual([0, 0xa5, 0]);
  });

  test('runs a vmlinux, which prints to our serial port', async () => {
    const host = await start(HI);

    expect(await printed(host, 2)).toBe('hi');
  });

  test('ends when the guest powers our machine off', async () => {
    const host = await start([...POWER_OFF, ...HALT]);

    expect(await host.run()).toBe('off');
  });

  test('runs a bzImage', async () => {
    const host = await V86Host.create(small(), { kernel: bzImageOf(HI) });
    hosts.push(host);

    expect(await printed(host, 2)).toBe('hi');
  });

  test('takes the same time in every run', async () => {
    const times = [];
    for (let run = 0; run < 2; run++) {
      const host = await start([...outb(0x3f8, 0x68), ...POWER_OFF, ...HALT]);
      await host.run();
      times.push(host.machine.now);
    }

    expect(times[1]).toBe(times[0]);
  });

  test("is no faster than the host's clock in host time", async () => {
    const host = await V86Host.create(small(), { kernel: elfOf(HALT) }, { time: 'host' });
    hosts.push(host);
    const begin = performance.now();

    await host.run({ limit: 20 * MILLISECOND });

    // Less than the whole: the time before the run, up to a millisecond, counts too, and the host's timers may fire early.
    expect(performance.now() - begin).toBeGreaterThan(15);
  });

  test('ends with a reset when the guest asks for one, with the machine as its firmware left it', async () => {
    const host = await start([...outb(0xcf9, 0x06), ...HALT]);

    const end = await host.run();

    expect([end, host.machine.idOf(0x18)?.vendor]).toEqual(['reset', 0x1af4]);
  });

  test('can be put into a machine again after a reset', async () => {
    const machine = small();
    const first = await start([...outb(0xcf9, 0x06), ...HALT], machine);
    await first.run();

    const second = await start(HI, machine);

    expect(await printed(second, 2)).toBe('hi');
  });

  test('ends with a crash when the guest faults three times over', async () => {
    // lidt [esi], which holds zeroes enough for a limit of 0; ud2
    const host = await start([0x0f, 0x01, 0x1e, 0x0f, 0x0b]);

    expect(await host.run()).toBe('crash');
  });

  test('stops at the limit, to the nanosecond, when the guest does not wait', async () => {
    const host = await start(HALT);
    const { now } = host.machine;

    const end = await host.run({ limit: 5_000_000 });

    expect([end, host.machine.now - now]).toEqual(['limit', 5_000_000]);
  });

  test('ends without a limit when the guest halts permanently, once its output is sent', async () => {
    const host = await start(HI);

    expect([await host.run(), host.machine.serial[0]!.text]).toEqual(['halted', 'hi']);
  });

  test('goes on without a limit while a halted guest takes interrupts', async () => {
    const host = await start([...MASK_PAIR, 0xfb, ...HALT]); // sti
    const { machine } = host;

    expect(await host.run({ until: () => machine.now > SECOND })).toBe('until');
  });

  test("crashes when a kernel unmasks the firmware's tick, on the vector of a double fault", async () => {
    const host = await start([0xfb, ...HALT]); // sti

    expect(await host.run({ limit: SECOND })).toBe('crash');
  });

  test.each([-1, Number.NaN])('refuses to run for %d ns', async (limit) => {
    const host = await start(HALT);

    await expect(host.run({ limit })).rejects.toMatchObject({ path: 'limit' });
  });

  test('stops when `until` is true, and continues from there', async () => {
    const host = await start([...outb(0x3f8, 0x68), ...HALT]);
    const { machine } = host;

    const ends = [await host.run({ until: () => machine.serial[0]!.text !== '' })];
    ends.push(await host.run({ limit: 1_000_000 }));

    expect(ends).toEqual(['until', 'limit']);
  });

  test('reads all ones where no device answers, in ports as in memory', async () => {
    const readMemory = [0xa1, 0x00, 0x00, 0x00, 0xd0]; // mov eax, [d0000000]
    const readPort = [0x66, 0xba, 0x34, 0x12, 0xec]; // mov dx, 1234; in al, dx
    const print = [0x66, 0xba, 0xf8, 0x03, 0xee]; // mov dx, 3f8; out dx, al
    const host = await start([...OPEN, ...readMemory, ...print, ...readPort, ...print, ...HALT]);

    await printed(host, 2);

    expect([...host.machine.serial[0]!.bytes]).toEqual([0xff, 0xff]);
  });

  test.each([
    ['mov al, [d0000000]', [0xa0], 1, false],
    ['mov ax, [d0000000]', [0x66, 0xa1], 2, false],
    ['movzx eax, word [d0000000]', [0x0f, 0xb7, 0x05], 2, false],
    ['movzx ax, byte [d0000000]', [0x66, 0x0f, 0xb6, 0x05], 1, false],
    ['mov eax, [d0000000]', [0xa1], 4, false],
    ['mov [d0000000], al', [0xa2], 1, true],
    ['mov [d0000000], ax', [0x66, 0xa3], 2, true],
    ['mov [d0000000], eax', [0xa3], 4, true],
  ])('%s is one access of that width', async (_text, code, width, write) => {
    const host = await start([...code, 0x00, 0x00, 0x00, 0xd0, ...HALT]);
    const seen: unknown[] = [];
    const begin = ({ address, width, write }: Access) => seen.push([address, width, write]);
    host.machine.observe({ begin, end: () => {} });

    await host.run({ limit: SECOND / 1000 });

    expect(seen).toEqual([[0xd000_0000, width, write]]);
  });

  test("has RAM at each access, though v86's memory grew since the one before", async () => {
    const host = await V86Host.create(small(), { kernel: elfOf([...OPEN, ...HALT]) }, { time: 'host' });
    hosts.push(host);
    const { memory } = host.machine.chassis.board;
    const { wasm_memory } = host['cpu']['cpu'] as unknown as { wasm_memory: { grow(pages: number): void } };
    const sizes: number[] = [];
    const begin = () => {
      sizes.push(memory.slice(0, 4096)!.length);
      wasm_memory.grow(1);
    };
    host.machine.observe({ begin, end: () => {} });

    await host.run({ limit: MILLISECOND });

    expect(sizes).toEqual([4096, 4096]);
  });

  test("records the guest's findings", async () => {
    // A byte to an address of the MSI-X table, which takes doublewords only; BAR1 of the SCSI adapter, alone on the bus.
    const host = await start([0xc6, 0x05, 0x00, 0xf0, 0xbf, 0xfe, 0x01, ...POWER_OFF, ...HALT]);

    await host.run();

    expect(host.machine.findings.map(({ clause }) => clause)).toEqual(['pci/MSIX-ACCESS']);
  });
});

describe('a machine that v86 cannot run', () => {
  test.each([
    ['RAM above 4 GiB', { memory: { below4G: 16 << 20, above4G: 1 << 20 } }, 'memory.above4G'],
    ['RAM that is no multiple of 128 KiB', { memory: { below4G: (16 << 20) + 4096 } }, 'memory.below4G'],
  ])('%s is refused', async (_what, options, path) => {
    const machine = small(options);

    await expect(V86Host.create(machine, { kernel: elfOf(HALT) })).rejects.toMatchObject({ path });
  });
});

test('an unknown time is refused', async () => {
  const running = V86Host.create(small(), { kernel: elfOf(HALT) }, { time: 'real' as 'host' });

  await expect(running).rejects.toThrow('time must be "virtual" or "host"; got "real"');
});
