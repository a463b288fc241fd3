import { ByteReader } from '../../../core/byte-reader.ts';
import { ADMIN_CMD } from './registers.ts';

const { LIST_QUERY, LIST_USE } = ADMIN_CMD;
/** Commands that a driver may send before it lists those it uses. */
const FIRST = [LIST_QUERY, LIST_USE] as const;

/** What a driver told a device by its administration virtqueue; a reset forgets it. */
export class AdminState {
  /** Commands that the driver listed. */
  used: ReadonlySet<number> = new Set(FIRST);
  /** Capabilities that it set, by id. */
  readonly capabilities = new Map<number, ByteReader>();
  private readonly objects = new Map<number, Map<number, ByteReader>>();

  /** Objects of one type, by id. */
  of(type: number): ReadonlyMap<number, ByteReader> {
    return this.kept(type);
  }

  set(capability: number, bytes: Uint8Array): void {
    this.capabilities.set(capability, new ByteReader('le', bytes));
  }

  put(type: number, id: number, bytes: Uint8Array): void {
    this.kept(type).set(id, new ByteReader('le', bytes));
  }

  destroy(type: number, id: number): void {
    this.kept(type).delete(id);
  }

  reset(): void {
    this.used = new Set(FIRST);
    this.capabilities.clear();
    this.objects.clear();
  }

  private kept(type: number): Map<number, ByteReader> {
    const known = this.objects.get(type) ?? new Map<number, ByteReader>();
    this.objects.set(type, known);
    return known;
  }
}
