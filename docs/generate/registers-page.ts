import { hex } from '../../src/core/bits.ts';
import type { Field, Register } from '../../src/core/register.ts';
import type { Struct } from '../../src/core/struct.ts';
import { type Declarations, declarationsOf, declaringFiles, type Family } from './declarations.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `Written by \`npm run docs\` from the declarations that devices, reference drivers and traces share.

Offsets of registers and reset values are hexadecimal and count from the start of the block: a port or memory window, the
configuration space, a capability, a CDB. Offsets and sizes of structures are decimal bytes. A function may override a reset
value or a write mask where it defines the register; [fidelity.md](../fidelity.md) says which do.

Access: \`rw\` stores, \`ro\` keeps, \`wo\` stores and reads 0, \`rc\` clears when read, \`w1c\` clears where a 1 is written. Bits
without a field read 0 and ignore writes.`;

export async function registersPage(): Promise<string> {
  const declarations = await Promise.all(declaringFiles().map(declarationsOf));
  return page(['# Registers and structures', INTRODUCTION, ...declarations.flatMap(sections)]);
}

/** None for a file whose declarations are its own. */
function sections({ path, families, structures }: Declarations): string[] {
  if (families.length + structures.length === 0) return [];
  const head = ['Register', 'Offset', 'Bytes', 'Reset', 'Bits', 'Field', 'Access', 'Meaning'];
  const members = ['Structure', 'Member', 'Offset', 'Bytes', 'Meaning'];
  return [
    `## ${code(path)}`,
    families.length > 0 ? table([head, ...families.flatMap(registerRows)]) : '',
    structures.length > 0
      ? table([members, ...structures.flatMap(({ structure, comment }) => structureRows(structure, comment))])
      : '',
  ];
}

function registerRows({ registers, comment }: Family): string[][] {
  const [first] = registers;
  const { width, reset, doc, fields } = first!;
  const names = registers.map(({ name }) => code(name));
  const offsets = registers.map(({ offset }) => hex(offset, 2));
  const adjacent = registers.every(({ offset }, i) => offset === first!.offset + i * width);
  return [
    [
      listed(names, adjacent),
      listed(offsets, adjacent),
      `${width}`,
      hex(reset, width * 2),
      '',
      '',
      '',
      doc || comment,
    ],
    ...Object.entries(fields).map(([name, field]) => fieldRow(first!, name, field)),
  ];
}

/** `5a to 5f`, where the registers lie one behind the other. */
function listed(items: readonly string[], adjacent: boolean): string {
  return adjacent && items.length > 2 ? `${items[0]} to ${items.at(-1)}` : items.join(' ');
}

function fieldRow(register: Register, name: string, field: Field): string[] {
  const bits = typeof field.at === 'number' ? `${field.at}` : field.at.join(':');
  return ['', '', '', '', bits, code(name), accessOf(register, name), field.doc ?? ''];
}

/** From the masks, for a field may have taken the register's. */
function accessOf({ mask, writable, readable, w1c, rc }: Register, name: string): string {
  const bits = mask[name]!;
  if (bits & w1c) return 'w1c';
  if (bits & rc) return 'rc';
  if (bits & writable) return bits & readable ? 'rw' : 'wo';
  return bits & readable ? 'ro' : 'reserved';
}

function structureRows(structure: Struct, comment: string): string[][] {
  const { name, endian, size, offset } = structure;
  const names = Object.keys(structure.members);
  const order = endian === 'le' ? 'little-endian' : 'big-endian';
  return [
    [code(name), '', '', `${size}`, [order, comment].filter((text) => text !== '').join('; ')],
    ...names.map((member, i) => {
      const end = i + 1 < names.length ? offset[names[i + 1]!]! : size;
      return ['', code(member), `${offset[member]}`, `${end - offset[member]!}`, ''];
    }),
  ];
}
