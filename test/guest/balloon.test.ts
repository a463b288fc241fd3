import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { V86Host } from '../../src/hosts/v86/index.ts';
import type { Balloon } from '../../src/machine/devices/balloon.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { guestFile, guestMachine } from './guest.ts';

/** 16 MiB: sixteen of Linux's requests, and far less than its RAM. */
const TARGET = 4096;
/** No step takes a tenth of it. */
const LIMIT = 20_000_000_000;

/** For five seconds it only polls for a disk, which never comes. */
const WAITS = '-- quick hotplug';

/** The state of the balloon when the guest had come to rest. */
interface Sight {
  readonly end: string;
  readonly pages: number;
  readonly actual: number;
}

/** The kernel kicks the statistics queue while it probes, and sets DRIVER_OK later: `init_vqs` in virtio_balloon.c. */
const LINUX_KICKS_EARLY = 'virtio/INIT-D13 balloon0';

describe('Linux with a balloon', () => {
  let machine: Machine;
  let balloon: Balloon;
  let host: V86Host;
  let inflated: Sight;
  let deflated: Sight;
  let totals: (bigint | undefined)[];

  const ask = async (pages: number): Promise<Sight> => {
    balloon.target = pages;
    const end = await host.run({ until: () => balloon.actual === pages, limit: LIMIT });
    return { end, pages: balloon.pages, actual: balloon.actual };
  };
  const total = async () => {
    let answered = false;
    const before = balloon.stats;
    balloon.askStats();
    await host.run({ until: () => (answered ||= balloon.stats !== before), limit: LIMIT });
    return balloon.stats?.get('MEMTOT');
  };

  beforeAll(async () => {
    machine = guestMachine({ balloon: true });
    balloon = machine.balloon!;
    host = await V86Host.create(machine, {
      kernel: guestFile('vmlinux'),
      initrd: guestFile('initrd'),
      append: `console=ttyS0,115200 maxcpus=1 ${WAITS}`,
    });
    await host.run({ until: () => machine.serial[0]!.text.includes('report: hotplug plug'), limit: LIMIT });
    const before = await total();
    inflated = await ask(TARGET);
    const within = await total();
    deflated = await ask(0);
    totals = [before, within, await total()];
  });

  afterAll(() => host.close());

  test('gives the requested pages, and reports them', () => {
    expect(inflated).toEqual({ end: 'until', pages: TARGET, actual: TARGET });
  });

  test('takes all of them back', () => {
    expect(deflated).toEqual({ end: 'until', pages: 0, actual: 0 });
  });

  test('reports less memory while they are in the balloon, and as much as before afterwards', () => {
    const [before = 0n] = totals;

    expect(totals).toEqual([before, before - BigInt(TARGET * 4096), before]);
    expect(before).toBeGreaterThan(0n);
  });

  test('breaks no rule of ours that says must or should, but for one kick', () => {
    const broken = machine.findings.filter(({ severity }) => severity !== 'note');

    expect(broken.map(({ clause, subject }) => `${clause} ${subject}`)).toEqual([LINUX_KICKS_EARLY]);
  });

  test('goes on to its end', async () => {
    expect(await host.run({ limit: 60_000_000_000 })).toBe('off');
  });
});
