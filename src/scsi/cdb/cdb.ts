/** A command, by its CDB. */
export interface Cdb {
  readonly name: string;
  /**
   * The usage map of SPC-4 6.35: the CDB with every bit set that our units evaluate, and with its own opcode and service
   * action. Its length is the CDB's.
   */
  readonly usage: Uint8Array;
  /** Bits that a standard defines and our units do not support. Bits in neither are reserved or obsolete. */
  readonly denied: Uint8Array;
  /** For opcodes that are distinguished by a service action. */
  readonly action: number | null;
  /** The direction of its data. */
  readonly data: 'in' | 'out' | null;
}

/** All of the CONTROL byte, which our units ignore. */
const CONTROL = 0xff;

/** Rows by opcode: those of one opcode differ in their service action. */
export function byOpcode<Row extends Pick<Cdb, 'usage'>>(rows: readonly Row[]): readonly (readonly Row[])[] {
  const found: Row[][] = Array.from({ length: 0x100 }, () => []);
  for (const row of rows) found[row.usage[0]!]!.push(row);
  return found;
}

interface Shape<Fields> {
  readonly size: number;
  readonly encode: (fields: Fields) => Uint8Array;
}

export function cdb<Fields>(
  name: string,
  { size, encode }: Shape<Fields>,
  usage: Fields,
  more: { denied?: Uint8Array; action?: number; data?: 'in' | 'out' } = {},
): Cdb {
  const { denied = new Uint8Array(size), action = null, data = null } = more;
  denied[size - 1] = CONTROL;
  return { name, usage: encode(usage), denied, action, data };
}
