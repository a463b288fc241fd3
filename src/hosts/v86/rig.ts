import { afterEach } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { V86Host } from './host.ts';

/** For tests: a machine with 16 MiB, without disks and NICs. */
export function small(options: MachineOptions = {}): Machine {
  return gceN1({ memory: { below4G: 16 << 20 }, disks: [], nics: [], ...options });
}

/** For tests: a list whose hosts are closed with their machines after each test of the file. */
export function closedHosts(): V86Host[] {
  const hosts: V86Host[] = [];
  afterEach(async () => {
    for (const host of hosts.splice(0)) {
      await host.close();
      host.machine.close();
    }
  });
  return hosts;
}
