import { BLOCK, type Medium } from '../media/medium.ts';

import type { Reservations } from './reservations.ts';

/** What a namespace is beside its storage. */
export interface NamespaceSettings {
  /** Bytes of a block, 512 or 4096. */
  readonly blockSize: number;
  /** What the vendor's part of Identify Namespace begins with. */
  readonly vendorText: string;
  /** The first eight bytes of its NGUID, in hexadecimal; empty is none. */
  readonly nguid: string;
  /** Left out, it takes none. */
  readonly reservations?: Reservations;
}

/** A namespace: the blocks of one disk. */
export class Namespace {
  readonly id: number;
  readonly medium: Medium;
  readonly settings: NamespaceSettings;
  /** The exponent of its block's bytes. */
  readonly shift: number;
  readonly reservations: Reservations | null;

  constructor(id: number, medium: Medium, settings: NamespaceSettings) {
    this.id = id;
    this.medium = medium;
    this.settings = settings;
    this.reservations = settings.reservations ?? null;
    this.shift = Math.log2(settings.blockSize);
  }

  /** Bytes of a block. */
  get blockSize(): number {
    return this.settings.blockSize;
  }

  /** Whole blocks. */
  get blocks(): number {
    return Math.floor((this.medium.blocks * BLOCK) / this.settings.blockSize);
  }
}
