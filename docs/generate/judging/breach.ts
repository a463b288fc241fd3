import type { ClauseId } from '../../../src/rules/index.ts';

/** What a driver does that breaks a rule, by which clauses it is told of it, and what others do about it. */
export interface Breach {
  /** The clauses that it breaks, each a mistake of its own. */
  readonly told: readonly [ClauseId, ...ClauseId[]];
  /** Those that follow from one of them, and are told below it. */
  readonly below?: readonly ClauseId[];
  /** Measured through QEMU's qtest port. */
  readonly qemu: string;
}

/** What the sources of monitors without a legacy interface say; `null` where they have no such device. */
export interface ModernBreach extends Breach {
  readonly crosvm: string | null;
  readonly firecracker: string | null;
  readonly cloudHypervisor: string | null;
}

/** Which sources these are: their newest commits when they were read. */
export const READ = {
  qemu: 'QEMU 10.0, `pc`, virtio-scsi, asked through its qtest port',
  crosvm: '[crosvm](https://github.com/google/crosvm), `f1e797a68dad` of 2026-08-21: `devices/src/virtio`',
  firecracker:
    '[Firecracker](https://github.com/firecracker-microvm/firecracker), `81b38b9dad60` of 2026-08-21: `src/vmm/src/devices/virtio`, its PCI transport',
  cloudHypervisor:
    '[rust-vmm virtio-queue](https://github.com/rust-vmm/vm-virtio), `87bf42473654` of 2026-07-09, as [Cloud Hypervisor](https://github.com/cloud-hypervisor/cloud-hypervisor), `ae44c2971c83` of 2026-08-22, uses it: `virtio-devices`, `block`, `vm-virtio`',
} as const;

/** Words that stand in many rows. */
export const SERVED = 'goes along';
export const NOTHING = 'serves nothing';
export const DIES = 'logs; serves nothing more';
