import {
  Clock,
  type GceNetwork,
  gceC3,
  gceN1,
  gceT2A,
  Hub,
  type Machine,
  type MachineOptions,
  qemuPc,
} from '../../src/index.ts';
import { type LentDisk, lendDisk } from './disk.ts';
import { hospitableNetwork } from './network.ts';
import { type LentRam, lendRam } from './ram.ts';
import type { Setup } from './setup.ts';

const MAKE = { gceN1, gceC3, gceT2A, qemuPc };
/** A UEFI needs as much. */
const UEFI_RAM = 16 << 20;

/** The machines of an episode, and what was lent to them. */
export class Stage {
  readonly machines: readonly Machine[];
  /** The networks of their NICs, if any. */
  readonly networks: readonly GceNetwork[];
  private readonly ram: LentRam[] = [];
  private readonly disks: LentDisk[] = [];

  constructor(setup: Setup) {
    const hub = setup.wire === 'hub' ? new Hub() : null;
    const clock = new Clock();
    this.networks = setup.wire === 'gce' ? setup.nics.map(hospitableNetwork) : [];
    const nics = (machine: number): MachineOptions['nics'] =>
      setup.nics.map((nic, i) => ({
        type: 'virtio',
        ...nic,
        backend: hub?.port(`${machine}.${i}`) ?? this.networks[i] ?? (setup.wire as 'none' | 'loopback'),
      }));
    this.machines = (hub === null ? [0] : [0, 1]).map((index) =>
      MAKE[setup.profile]({
        ...setup.options,
        ...(setup.profile === 'gceC3' && setup.ram.below4G < UEFI_RAM && { firmware: false }),
        clock,
        nics: nics(index),
        memory: this.lendRam(setup),
        disks: setup.disks.map((disk) => ({ medium: this.lendDisk(disk) })),
        nvme: this.controllers(setup),
      } as MachineOptions),
    );
  }

  /** Closes the machines. @returns damage to what was lent, if any. */
  close(): string | null {
    for (const machine of this.machines) machine.close();
    const ram = this.ram.map((one) => one.intact());
    const disks = this.disks.map((one) => one.damage());
    if (ram.includes(false)) return 'a byte outside RAM was touched';
    return disks.find((damage) => damage !== null) ?? null;
  }

  private lendRam({ ram }: Setup): LentRam['memory'] {
    const lent = lendRam(ram);
    this.ram.push(lent);
    return lent.memory;
  }

  private controllers({ namespaces = [] }: Setup): MachineOptions['nvme'] {
    if (namespaces.length === 0) return [];
    return [{ namespaces: namespaces.map((disk) => ({ medium: this.lendDisk(disk) })) }];
  }

  private lendDisk(disk: Setup['disks'][number]): LentDisk['medium'] {
    const lent = lendDisk(disk);
    this.disks.push(lent);
    return lent.medium;
  }
}
