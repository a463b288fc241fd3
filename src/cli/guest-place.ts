import { hex } from '../core/bits.ts';
import type { KvmWhere } from '../hosts/kvm/index.ts';
import type { GuestWhere } from '../hosts/v86/index.ts';

/** On either host. */
export type AnyWhere = GuestWhere | KvmWhere;

/** Conventional memory, where a BIOS puts a boot sector, ends here; adapters' memory and ROMs follow (C0000 to FFFFF). */
const CONVENTIONAL_END = 0xa_0000;
const ROM_BEGIN = 0xc_0000;
const ROM_END = 0x10_0000;
/** The privilege level of code, in its selector: 0 is a kernel's, 3 a program's. */
const RPL = 3;

/** The code that a guest runs, by its address. */
type Place = 'the BIOS' | 'conventional memory' | 'extended memory' | 'a program' | 'a kernel';

export function placeOf(where: AnyWhere): Place {
  const { cs, mode } = where;
  if (mode === 'paged' || mode === 'PAE' || mode === 'long')
    return (cs & RPL) === 0 ? 'a kernel' : 'a program';
  const eip = 'rip' in where ? Number(`0x${where.rip}`) : where.eip;
  const address = mode === 'protected' ? eip : cs * 16 + eip;
  if (address >= ROM_BEGIN && address < ROM_END) return 'the BIOS';
  return address < CONVENTIONAL_END ? 'conventional memory' : 'extended memory';
}

/** `waits for an interrupt in a kernel, at 0060:c1234567`. */
export function doing(where: AnyWhere): string {
  const does = !where.halted
    ? 'runs'
    : where.interrupts
      ? 'waits for an interrupt'
      : 'has halted with interrupts off';
  return `${does} in ${placeOf(where)}, at ${hex(where.cs, 4)}:${offsetText(where)}`;
}

function offsetText(where: AnyWhere): string {
  if ('rip' in where) return where.rip;
  return hex(where.eip, where.mode === 'real' || where.mode === 'virtual 8086' ? 4 : 8);
}
