import { MACHINES } from '../command-line/machine-options.ts';
import { DRIVERS } from '../machine/device-kinds.ts';

/** The version of QEMU whose wire and monitor this is. */
export const VERSION = { qemu: { major: 10, minor: 0, micro: 0 }, package: 'guestrig' } as const;
const MOST_CPUS = 64;

export function machines(): object[] {
  return Object.keys(MACHINES).map((name) => ({
    name,
    ...(name === 'pc' ? { 'is-default': true } : {}),
    'cpu-max': name === 'none' ? 1 : MOST_CPUS,
    'hotpluggable-cpus': false,
    'numa-mem-supported': false,
    deprecated: false,
    acpi: name !== 'none',
  }));
}

/** The types of devices: libqos reads the list of what can be tried. */
export function types(): object[] {
  const bridges = ['i440FX-pcihost', 'i440FX', 'PIIX3', 'mc146818rtc'].map((name) => ({
    name,
    parent: 'device',
  }));
  return [...DRIVERS.map((name) => ({ name, parent: 'device' })), ...bridges];
}
