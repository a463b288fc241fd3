import { expect, test } from 'vitest';
import { runTogether, V86Host } from '../../src/hosts/v86/index.ts';
import { Clock, Hub } from '../../src/index.ts';
import { gceN1 } from '../../src/machine/gce-n1.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { partOf } from '../repeats.ts';
import { guestFile, RAM, reports } from './guest.ts';

const SECOND = 1_000_000_000;
/** Microseconds in which two computers, otherwise idle, send a frame and answer it. */
const PLAUSIBLE = 2000;

interface Pings {
  readonly ends: readonly string[];
  readonly longest: number;
  readonly returned: number;
  readonly now: number;
}

/** A Linux that pings, one that answers, and a number of busy ones. */
async function pings(beside: number): Promise<Pings> {
  const clock = new Clock();
  const hub = new Hub();
  const words = ['ping', 'answer', ...new Array<string>(beside).fill('quick')];
  const machines = words.map((name, i) => machineOf(clock, name === 'quick' ? [] : [nicOf(hub, name, i)]));
  const kernel = guestFile('vmlinux');
  const initrd = guestFile('initrd');
  const hosts: V86Host[] = [];
  for (const [i, machine] of machines.entries()) {
    // Those two search for a drive and a mouse in addition to all else, the former for three seconds.
    const append = `console=ttyS0,115200 maxcpus=1 initcall_blacklist=floppy_module_init,psmouse_init -- ${words[i]}`;
    hosts.push(await V86Host.create(machine, { kernel, initrd, append }));
  }
  const ends = await runTogether(hosts, { limit: 60 * SECOND });
  for (const host of hosts) await host.close();
  const found = reports(machines[0]!.serial[0]!.text);
  const number = (key: string) => Number.parseInt(found.get(key) ?? '', 16);
  return { ends, longest: number('ping longest'), returned: number('ping returned'), now: clock.now };
}

function machineOf(clock: Clock, nics: NonNullable<Parameters<typeof gceN1>[0]>['nics'] = []): Machine {
  return gceN1({ clock, memory: { below4G: RAM / 4 }, disks: [], nics });
}

function nicOf(hub: Hub, name: string, i: number) {
  return { backend: hub.port(name), mac: `42:01:0a:80:00:0${i + 2}` };
}

/** Each takes a minute. */
const TURN = partOf(['three machines', 'twice'], 2);

test.each(TURN.includes('three machines') ? [0, 1] : [0])(
  'two Linux guests on one wire answer each other at once, beside %i that boot',
  async (beside) => {
    const { ends, longest, returned } = await pings(beside);

    expect([ends, returned]).toEqual([ends.map(() => 'off'), 16]);
    expect(longest).toBeLessThan(PLAUSIBLE);
  },
  600_000,
);

test.runIf(TURN.includes('twice'))(
  'two runs take the same time to the nanosecond',
  async () => {
    expect(await pings(0)).toEqual(await pings(0));
  },
  600_000,
);
