import type { Described, Region } from '../core/access.ts';
import type { Width } from '../core/bits.ts';
import type { Register } from '../core/register.ts';
import { registerBlock, registerText, valueText } from '../core/register-block.ts';
import type { MsixPlace } from './events.ts';
import type { PciFunction } from './pci-function.ts';
import * as reg from './registers.ts';

const { ENABLE, FUNCTION_MASK } = reg.MSIX_CONTROL.mask;
const { MASK } = reg.VECTOR_CONTROL.mask;
const ENTRY = registerBlock([
  reg.MESSAGE_ADDRESS,
  reg.MESSAGE_UPPER_ADDRESS,
  reg.MESSAGE_DATA,
  reg.VECTOR_CONTROL,
]);
/** Of Message Data. */
const VECTOR = 0xff;
const WORDS = ENTRY.registers.length;

export interface MsixLayout {
  readonly vectors: number;
  readonly bar: number;
  /** Minimum offset of the pending bits in the BAR. Default: right after the table, as on Compute Engine. */
  readonly pba?: number;
  /** Minimum size of the BAR. Default: the next power of two. */
  readonly size?: number;
}

/**
 * MSI-X: the capability, and its table and pending bits behind a memory BAR (PCI 3.0, 6.8.2 and 6.8.3).
 *
 * A vector is sent when MSI-X is enabled and neither the function nor the entry is masked; masked, it waits in its
 * pending bit and is sent once when unmasked. While MSI-X is disabled nothing is sent and nothing pends.
 */
export class Msix implements Region {
  readonly name: string;
  readonly size: number;
  readonly vectors: number;
  /** Called when ENABLE changes: the legacy virtio header moves with it. */
  onEnable: ((enabled: boolean) => void) | null = null;
  enabled = false;
  private readonly fn: PciFunction;
  private readonly at: number;
  private readonly pba: number;
  private readonly table: Uint32Array;
  private readonly pending: Uint8Array;
  private functionMasked = false;

  constructor(fn: PciFunction, layout: MsixLayout) {
    this.name = `${fn.name} MSI-X`;
    this.fn = fn;
    this.vectors = layout.vectors;
    const tableBytes = layout.vectors * reg.MSIX_ENTRY_SIZE;
    this.pba = Math.max(layout.pba ?? 0, tableBytes);
    this.pending = new Uint8Array(Math.ceil(layout.vectors / 64) * 8);
    const used = 2 ** Math.ceil(Math.log2(this.pba + this.pending.length));
    this.size = Math.max(layout.size ?? 0, used);
    this.table = new Uint32Array(layout.vectors * WORDS);
    this.at = fn.addCapability(reg.CAPABILITY_ID.MSIX, reg.MSIX_CAPABILITY_SIZE);
    fn.config.define(reg.MSIX_CONTROL, { reset: layout.vectors - 1 }, this.at);
    fn.config.define(reg.MSIX_TABLE, { reset: layout.bar }, this.at);
    fn.config.define(reg.MSIX_PBA, { reset: this.pba | layout.bar }, this.at);
    fn.addBar(layout.bar, 'mem32', this);
    fn.heldMessage = (handles) => this.held(handles);
    this.reset();
  }

  /** Raises `vector`; a number outside the table (0xffff means none) has no effect. */
  signal(vector: number): void {
    if (!this.enabled || vector >= this.vectors) return;
    if (this.functionMasked || this.masked(vector)) this.pending[vector >> 3]! |= 1 << (vector & 7);
    else this.send(vector);
  }

  /** What keeps a message of `vector` back, in words; null for nothing. */
  heldBack(vector: number): string | null {
    if (this.functionMasked) return 'Message Control masks all vectors';
    return this.masked(vector) ? `entry ${vector} of the MSI-X table is masked` : null;
  }

  /** A message that waits in its pending bit, of which the guest awaits the vector. */
  private held(handles: (vector: number) => boolean): { vector: number; said: string } | null {
    for (let entry = 0; entry < this.vectors; entry++) {
      const vector = this.table[entry * WORDS + 2]! & VECTOR;
      if ((this.pending[entry >> 3]! & (1 << (entry & 7))) === 0 || !handles(vector)) continue;
      return { vector, said: `a message of ${this.fn.subject} waits, for ${this.heldBack(entry)}` };
    }
    return null;
  }

  /** Called by the function after a write to its configuration space. */
  configWritten(): void {
    const control = this.fn.config.get(reg.MSIX_CONTROL, this.at);
    const enabled = (control & ENABLE) !== 0;
    this.functionMasked = (control & FUNCTION_MASK) !== 0;
    if (enabled !== this.enabled) {
      this.enabled = enabled;
      // Undefined while disabled (PCI 3.0, 6.8.3.4): nothing pends.
      if (!enabled) this.pending.fill(0);
      this.onEnable?.(enabled);
    }
    this.sendPending();
  }

  read(offset: number): number {
    const word = this.wordAt(offset & ~3);
    return word >>> ((offset & 3) * 8);
  }

  write(offset: number, value: number, width: Width): void {
    const place = this.placeOf(offset);
    this.fn.events?.msixWritten(offset, value, width, place);
    if (width === 4 && place === 'table') this.writeEntry(offset >> 4, fieldAt(offset), value);
  }

  /** Drops pending vectors after a reset of their source: one vector, or all. */
  forgetPending(vector?: number): void {
    if (vector === undefined) this.pending.fill(0);
    else this.pending[vector >> 3]! &= ~(1 << (vector & 7));
  }

  reset(): void {
    this.enabled = false;
    this.functionMasked = false;
    this.forgetPending();
    for (let i = 0; i < this.table.length; i++) this.table[i] = ENTRY.registers[i % WORDS]!.reset;
  }

  describe(access: Described): string {
    const { offset } = access;
    if (offset >= this.vectors * reg.MSIX_ENTRY_SIZE)
      return `${this.name} ${offset >= this.pba ? 'PBA' : 'unused'}${valueText(access)}`;
    return `${this.name} [${offset >> 4}] ${registerText(fieldAt(offset), access)}`;
  }

  private placeOf(offset: number): MsixPlace {
    if (offset < this.vectors * reg.MSIX_ENTRY_SIZE) return 'table';
    return offset >= this.pba && offset < this.pba + this.pending.length ? 'pending bits' : 'nothing';
  }

  private writeEntry(vector: number, field: Register, value: number): void {
    const { events } = this.fn;
    if (events !== null && field !== reg.VECTOR_CONTROL) {
      const live = this.enabled && !this.functionMasked && !this.masked(vector);
      events.entryWritten(vector, field, this.enabled, live);
    }
    this.table[vector * WORDS + (field.offset >> 2)] = value & field.writable;
    this.sendPending();
  }

  private wordAt(offset: number): number {
    if (offset < this.vectors * reg.MSIX_ENTRY_SIZE) return this.table[offset >> 2]!;
    const bit = offset - this.pba;
    if (bit < 0 || bit >= this.pending.length) return 0;
    const { pending } = this;
    return (
      (pending[bit]! | (pending[bit + 1]! << 8) | (pending[bit + 2]! << 16) | (pending[bit + 3]! << 24)) >>> 0
    );
  }

  private masked(vector: number): boolean {
    return (this.table[vector * WORDS + 3]! & MASK) !== 0;
  }

  private sendPending(): void {
    if (!this.enabled || this.functionMasked) return;
    for (let vector = 0; vector < this.vectors; vector++) {
      if ((this.pending[vector >> 3]! & (1 << (vector & 7))) === 0 || this.masked(vector)) continue;
      this.pending[vector >> 3]! &= ~(1 << (vector & 7));
      this.send(vector);
    }
  }

  private send(vector: number): void {
    const { board, bdf, gate, events } = this.fn;
    const at = vector * WORDS;
    const low = this.table[at]!;
    const upper = this.table[at + 1]!;
    const data = this.table[at + 2]!;
    events?.messageDue(vector, gate.open, low, upper, data);
    if (gate.open) board.messages.deliver({ bdf, vector }, upper * 0x1_0000_0000 + low, data);
  }
}

/** The field of an entry at `offset` of the table. */
function fieldAt(offset: number): Register {
  return ENTRY.at(offset & (reg.MSIX_ENTRY_SIZE - 4))!;
}
