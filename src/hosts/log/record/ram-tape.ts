import { Buffer } from 'node:buffer';
import type { Gpa, Width } from '../../../core/bits.ts';
import type { MemoryTap, Sight } from '../../../core/memory-tap.ts';
import type { RamRecord } from '../../../trace/index.ts';

type Bytes = Extract<RamRecord, { does: 'write' | 'fill' }>;

/** Records a driver's accesses to RAM, and passes them on to the tap before it. */
export class RamTape implements MemoryTap {
  private readonly before: MemoryTap | null;
  private readonly tell: (record: RamRecord) => void;
  private readonly onNarrowed: (sight: Sight) => void;
  /** What was announced. */
  private under: Bytes | null = null;

  constructor(
    before: MemoryTap | null,
    tell: (record: RamRecord) => void,
    onNarrowed: (sight: Sight) => void,
  ) {
    this.before = before;
    this.tell = tell;
    this.onNarrowed = onNarrowed;
  }

  loaded(address: Gpa, width: Width, value: number): void {
    this.tell({ kind: 'ram', does: 'load', address, width, value });
    this.before?.loaded(address, width, value);
  }

  stored(address: Gpa, width: Width, value: number, before: number): void {
    this.tell({ kind: 'ram', does: 'store', address, width, value });
    this.before?.stored(address, width, value, before);
  }

  read(address: Gpa, length: number): void {
    this.tell({ kind: 'ram', does: 'read', address, length });
    this.before?.read(address, length);
  }

  writing(address: Gpa, from: Uint8Array): void {
    this.under = { kind: 'ram', does: 'write', address, data: Buffer.from(from).toString('hex') };
    this.before?.writing(address, from);
  }

  filling(address: Gpa, value: number, length: number): void {
    this.under = { kind: 'ram', does: 'fill', address, value, length };
    this.before?.filling(address, value, length);
  }

  /** What an allocation filled was announced, but `done` never follows: `given` reports it. */
  wrote(): void {
    if (this.under !== null) this.tell(this.under);
    this.under = null;
    this.before?.wrote();
  }

  missed(address: Gpa, length: number, write: boolean): void {
    this.tell({ kind: 'ram', does: 'missed', address, length, write });
    this.before?.missed(address, length, write);
  }

  released(address: Gpa, length: number): void {
    this.tell({ kind: 'ram', does: 'released', address, length });
    this.before?.released(address, length);
  }

  narrowed(sight: Sight): void {
    this.onNarrowed(sight);
    this.before?.narrowed(sight);
  }

  look(atAll: boolean): void {
    this.before?.look(atAll);
  }

  goesOn(): void {
    this.before?.goesOn();
  }
}
