import { type Aml, counted, integer, nameString } from './aml.ts';

/** The operators of methods (ACPI 6.5, 20.2.5). If an operator takes a target and none is needed, it is NullName. */

export const ARG0: Aml = [0x68];
/** A one-byte operation without effect. */
export const NOOP = 0xa3;
const NULL_NAME: Aml = [0x00];

export function store(value: Aml, target: Aml): Aml {
  return [0x70, ...value, ...target];
}

export function and(a: Aml, b: Aml, target: Aml = NULL_NAME): Aml {
  return [0x7b, ...a, ...b, ...target];
}

export function or(a: Aml, b: Aml, target: Aml = NULL_NAME): Aml {
  return [0x7d, ...a, ...b, ...target];
}

export function when(condition: Aml, ...terms: Aml[]): Aml {
  return counted([0xa0], condition, ...terms);
}

export function giveBack(value: Aml): Aml {
  return [0xa4, ...value];
}

/** A named doubleword at byte `offset` of a buffer. */
export function dwordOf(source: Aml, offset: number, path: string): Aml {
  return [0x8a, ...source, ...integer(offset), ...nameString(path)];
}
