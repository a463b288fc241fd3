import type { Described } from './access.ts';
import { hex } from './bits.ts';
import type { Register } from './register.ts';

/** The text of an access after its register or place. */
export type AccessValue = Pick<Described, 'width' | 'value' | 'write'>;

/** ` ← 03`; without a value before a read is answered. As many digits as the access had. */
export function valueText({ width, value, write }: AccessValue): string {
  return value === null ? '' : ` ${write ? '←' : '→'} ${hex(value, width * 2)}`;
}

/** `device_status ← 03  ACKNOWLEDGE DRIVER`; the fields are left out where there is only one. */
export function registerText(register: Register, access: AccessValue): string {
  const { value } = access;
  const fields =
    value === null || Object.keys(register.fields).length < 2 ? '' : `  ${register.format(value)}`;
  return `${register.name}${valueText(access)}${fields}`;
}

/** Registers of one region, by their offsets. */
interface RegisterBlock {
  readonly registers: readonly Register[];
  /** Bytes, up to the end of the last. */
  readonly size: number;
  /** The register that begins at `offset`; null where none does. */
  at(offset: number): Register | null;
  /**
   * An access in words: `net0 queue_select ← 0003`, or, where no register begins, `net0+0d ← 03`.
   *
   * @param name stands before the register, if it is not empty.
   * @param place stands before the offset, instead of `name`.
   */
  describe(access: AccessValue & Pick<Described, 'offset'>, name?: string, place?: string): string;
}

/**
 * Puts declared registers where an access finds them.
 *
 * @example
 * const HEADER = registerBlock([QUEUE_SIZE, QUEUE_SELECT, QUEUE_NOTIFY]);
 * HEADER.at(0x0e);                        // QUEUE_SELECT; costs what an element of an array costs
 * HEADER.describe(access, 'net0');        // 'net0 queue_select ← 0003'
 *
 * @throws RangeError at load, if two registers begin at one offset: a fault of the declaration.
 */
export function registerBlock(registers: readonly Register[]): RegisterBlock {
  const size = Math.max(...registers.map(({ offset, width }) => offset + width));
  const byOffset = new Array<Register | null>(size).fill(null);
  for (const register of registers) {
    const other = byOffset[register.offset];
    if (other) throw new RangeError(`${register.name} begins where ${other.name} does`);
    byOffset[register.offset] = register;
  }
  const at = (offset: number) => (offset >= 0 && offset < size ? byOffset[offset]! : null);
  return {
    registers,
    size,
    at,
    describe(access, name = '', place = name) {
      const register = at(access.offset);
      if (register === null) return `${place}+${hex(access.offset, 2)}${valueText(access)}`;
      return name === '' ? registerText(register, access) : `${name} ${registerText(register, access)}`;
    },
  };
}
