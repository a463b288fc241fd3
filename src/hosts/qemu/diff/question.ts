import { hex, type Width } from '../../../core/bits.ts';
import type { Random } from '../../../core/random.ts';
import type { Register } from '../../../core/register.ts';
import type { Side } from './side.ts';

/** The answer of one of the two machines, and its register or field. */
export interface Answer {
  readonly place: string;
  readonly said: string;
}

/** What both machines are asked, from the same state. */
export interface Question {
  /** For people: the accesses, or the command. */
  readonly about: string;
  ask(side: Side): Answer[];
}

/** A part of the machine, and the questions about it. */
export interface Area {
  readonly name: string;
  /** Whether its devices are modern ones. */
  readonly modern: boolean;
  /** Asked each time. */
  readonly scripted: readonly Question[];
  seeded(random: Random): Question;
}

/** A register, by its name in one word. */
export interface Field {
  readonly name: string;
  readonly offset: number;
  readonly width: Width;
}

export function fieldsOf(registers: readonly Register[]): Field[] {
  const inOneWord = (name: string) => name.replace(' (upper half)', '_high').replaceAll(' ', '');
  return registers.map(({ name, offset, width }) => ({ name: inOneWord(name), offset, width }));
}

/** An access to a register. */
export interface Step {
  readonly name: string;
  readonly offset: number;
  readonly width: Width;
  /** The value to write; null to read. */
  readonly value: number | null;
  /** The bits of a read value that do not depend on time. */
  readonly mask?: number;
}

/** Where the registers of an area are reached. */
export interface Reach {
  read(offset: number, width: Width): number;
  write(offset: number, value: number, width: Width): void;
}

/** Accesses in a row. @param before brings it to the same state, whatever was asked last. */
export function accesses(
  area: string,
  steps: readonly Step[],
  before: readonly Step[],
  reach: (side: Side) => Reach,
): Question {
  return {
    about: stepsText(steps),
    ask: (side) => {
      const registers = reach(side);
      play(area, before, registers);
      return play(area, steps, registers);
    },
  };
}

export function stepsText(steps: readonly Step[]): string {
  return steps.map(stepText).join(' ');
}

export function play(area: string, steps: readonly Step[], registers: Reach): Answer[] {
  const answers: Answer[] = [];
  for (const { name, offset, width, value, mask = 0xffff_ffff } of steps)
    if (value !== null) registers.write(offset, value, width);
    else
      answers.push({
        place: `${area} ${name}`,
        said: hex((registers.read(offset, width) & mask) >>> 0, 2 * width),
      });
  return answers;
}

function stepText({ name, value, width }: Step): string {
  return value === null ? `${name}?` : `${name}=${hex(value, 2 * width)}`;
}

/** One of `list`. */
export function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.below(list.length)]!;
}

/** All zeros, all ones, or anything. */
export function anyValue(random: Random, width: Width): number {
  const ones = 2 ** (8 * width) - 1;
  return (
    [0, ones, random.next() % (ones + 1), random.next() % (ones + 1), 1 << random.below(8 * width)][
      random.below(5)
    ]! >>> 0
  );
}
