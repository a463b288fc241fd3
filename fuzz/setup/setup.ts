import type { MachineOptions } from '../../src/index.ts';

/** Whose RAM it is: the machine's own, a buffer of ours between guard bytes, or WebAssembly's. */
export type RamKind = 'own' | 'guarded' | 'shared' | 'wasm';

export interface RamSetup {
  readonly kind: RamKind;
  readonly below4G: number;
  readonly above4G: number;
  /** Bytes of a lent buffer for devices. */
  readonly staging: number;
}

/** `guarded` is memory of ours between guard bytes; `broken` answers now and then that it cannot. */
export type MediumKind = 'guarded' | 'sparse' | 'file' | 'broken';

export interface DiskSetup {
  readonly kind: MediumKind;
  readonly bytes: number;
  readonly readOnly: boolean;
}

/** What one episode is played on. A JSON file can hold it: a corpus does. */
export interface Setup {
  readonly profile: 'gceN1' | 'qemuPc';
  /** All but what stands beside it. */
  readonly options: Omit<MachineOptions, 'memory' | 'disks' | 'clock' | 'nics'>;
  readonly nics: readonly {
    readonly ringSize?: number;
    readonly queues?: number;
    readonly mergeable?: boolean;
  }[];
  readonly ram: RamSetup;
  readonly disks: readonly DiskSetup[];
  /** Where frames go: nowhere, back, over a hub to a second machine that is made in the same way, or to a network each. */
  readonly wire: 'none' | 'loopback' | 'hub' | 'gce';
  /** Whether those who listen to the machine use it while they are told. */
  readonly listeners: boolean;
}
