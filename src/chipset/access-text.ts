import { hex } from '../core/bits.ts';
import type { Register } from '../core/register.ts';

/**
 * An access to a register in words: `pic master ICW4 ← 01  uPM`, `ioapic IOAPICID → 00000000`. The fields are left
 * out where there is only one, and the value of a read that is not answered yet is `?`.
 */
export function accessText(
  name: string,
  register: Register,
  access: { readonly write: boolean; readonly value: number | null },
): string {
  const { write, value } = access;
  const head = `${name} ${register.name} ${write ? '←' : '→'} `;
  if (value === null) return `${head}?`;
  const digits = hex(value, register.width * 2);
  return Object.keys(register.fields).length > 1
    ? `${head}${digits}  ${register.format(value)}`
    : head + digits;
}
