import { checkObject } from '../core/checks.ts';
import { MisuseError } from '../core/misuse.ts';
import { LSR } from './registers.ts';

const { OE, PE, FE, BI } = LSR.mask;

/** Errors of a byte. A break is a byte 00 with its stop bit missing too. */
export interface CharacterFlags {
  readonly parity?: boolean;
  readonly framing?: boolean;
  readonly break?: boolean;
  /** An earlier byte was lost, not by a fault of the guest. */
  readonly overrun?: boolean;
}

/** A received byte, and its OE, PE, FE and BI. */
interface Character {
  readonly byte: number;
  readonly flags: number;
}

/** @throws MisuseError if `byte` is not 0 to 255. */
export function character(name: string, byte: number, flags: CharacterFlags): Character {
  if (!Number.isInteger(byte) || byte < 0 || byte > 0xff)
    throw new MisuseError(`${name}.inject`, byte, 'a byte from 0 to 255');
  checkObject(`${name}.inject`, flags);
  const errors = (flags.overrun ? OE : 0) | (flags.parity ? PE : 0);
  if (flags.break) return { byte: 0, flags: errors | FE | BI };
  return { byte, flags: errors | (flags.framing ? FE : 0) };
}
