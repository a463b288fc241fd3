/** The kinds of operations on a machine: a run consists of these alone, whatever their origin. */
export const OP_NAMES = [
  'in',
  'out',
  'read',
  'write',
  'load',
  'store',
  'bytes',
  'fill',
  'wait',
  'mask',
  'unmask',
  'world',
] as const;
export type OpName = (typeof OP_NAMES)[number];
export type OpCode = number;

/** Name to code. */
export const OP = Object.fromEntries(OP_NAMES.map((name, code) => [name, code])) as Readonly<
  Record<OpName, OpCode>
>;

/**
 * The written form of an operation: name, number of the machine, arguments. Bytes are hexadecimal text. Loads and
 * reads of RAM change nothing and are omitted.
 */
export type Op = readonly [name: OpName, machine: number, ...args: (number | string)[]];
