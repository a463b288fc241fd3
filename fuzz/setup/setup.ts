import type { MachineOptions } from '../../src/index.ts';

/** The owner of RAM: the machine itself, a buffer of ours between guard bytes, or WebAssembly. */
export type RamKind = 'own' | 'guarded' | 'shared' | 'wasm';

export interface RamSetup {
  readonly kind: RamKind;
  readonly below4G: number;
  readonly above4G: number;
  /** Bytes of a lent buffer for devices. */
  readonly staging: number;
}

/** `guarded` is our memory between guard bytes; `broken` fails occasionally. */
export type MediumKind = 'guarded' | 'sparse' | 'file' | 'broken';

export interface DiskSetup {
  readonly kind: MediumKind;
  readonly bytes: number;
  readonly readOnly: boolean;
}

/** A virtio-net, or a gVNIC. */
export interface NicSetup {
  readonly ringSize?: number;
  readonly queues?: number;
  readonly mergeable?: boolean;
  readonly type?: 'gvnic';
  /** Its later form. */
  readonly gvnic?: { readonly mailbox: boolean };
}

/** The setup of an episode, in JSON for the corpus. */
export interface Setup {
  readonly profile: 'gceN1' | 'gceC3' | 'gceT2A' | 'qemuPc';
  /** All options except those here. */
  readonly options: Omit<MachineOptions, 'memory' | 'disks' | 'clock' | 'nics'>;
  readonly nics: readonly NicSetup[];
  readonly ram: RamSetup;
  readonly disks: readonly DiskSetup[];
  /** Those of an NVMe controller. Default no controller. */
  readonly namespaces?: readonly DiskSetup[];
  /** Where frames go: nowhere, back, over a hub to a second machine of the same kind, or to a network for each. */
  readonly wire: 'none' | 'loopback' | 'hub' | 'gce';
  /** Whether listeners to the machine use it in their callbacks. */
  readonly listeners: boolean;
}
