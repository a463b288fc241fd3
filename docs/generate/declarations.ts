import type { Register } from '../../src/core/register.ts';
import type { Struct } from '../../src/core/struct.ts';
import { loadSource, readSource, sourceFiles, variablesOf } from './source.ts';

/** Rooms where declarations are of something else: the tools themselves, the guest's own view, file formats. */
const NO_HARDWARE = ['core', 'guest', 'trace'];
const DECLARES = /import \{[^}]*\b(register|struct)\b[^}]*\} from '[./]*core\/(register|struct)\.ts'/;

/** Registers that share one declaration: PIRQRCA to PIRQRCD. */
export interface Family {
  readonly registers: readonly Register[];
  readonly comment: string;
}

export interface Structure {
  readonly structure: Struct;
  readonly comment: string;
}

/** What a file declares, in its order. */
export interface Declarations {
  /** From `src/`. */
  readonly path: string;
  readonly families: readonly Family[];
  readonly structures: readonly Structure[];
}

/** Files that declare hardware's registers and structures. */
export function declaringFiles(): string[] {
  return sourceFiles().filter(
    (path) => !NO_HARDWARE.includes(path.slice(0, path.indexOf('/'))) && DECLARES.test(readSource(path)),
  );
}

export async function declarationsOf(path: string): Promise<Declarations> {
  const text = readSource(path);
  const values = [...new Set(flatten(Object.values(await loadSource(path))))];
  const comments = new Map(variablesOf(text).map(({ declares, comment }) => [declares, comment]));
  const place = (name: string) => text.indexOf(`'${name}'`);
  return {
    path,
    families: familiesOf(values.filter(isRegister))
      .map((registers) => registers.sort((a, b) => a.offset - b.offset))
      .map((registers) => ({ registers, comment: comments.get(registers[0]!.name) ?? '' }))
      .sort((a, b) => place(a.registers[0]!.name) - place(b.registers[0]!.name)),
    structures: values
      .filter(isStruct)
      .map((structure) => ({ structure, comment: comments.get(structure.name) ?? '' }))
      .sort((a, b) => place(a.structure.name) - place(b.structure.name)),
  };
}

/** A copy with another name and offset shares the fields. */
function familiesOf(registers: readonly Register[]): Register[][] {
  const families = new Map<Register['fields'], Register[]>();
  for (const register of registers)
    families.set(register.fields, [...(families.get(register.fields) ?? []), register]);
  return [...families.values()];
}

function flatten(values: readonly unknown[]): unknown[] {
  return values.flatMap((value) => (Array.isArray(value) ? flatten(value) : [value]));
}

function isRegister(value: unknown): value is Register {
  return typeof value === 'object' && value !== null && 'fields' in value && 'writable' in value;
}

function isStruct(value: unknown): value is Struct {
  return typeof value === 'object' && value !== null && 'members' in value && 'endian' in value;
}
