import type { ProfileName } from '../../../machine/profile.ts';

/** Which of two differing answers is right. Both, if the specification leaves it open. */
export type Right = 'ours' | 'qemu' | 'both';

/** One of our answers beside QEMU's. */
export interface Differing {
  readonly place: string;
  readonly ours: string;
  readonly qemu: string;
  /** The question: accesses up to its end, or the command. */
  readonly about: string;
}

/** An answer of QEMU that differs from our machine's, and why. */
export interface Difference {
  readonly id: string;
  /** The machine of ours that answers so; left out, each. */
  readonly of?: ProfileName;
  /** For people: which registers or commands. */
  readonly where: string;
  readonly at: RegExp;
  /** For a place that does not identify the difference alone. */
  readonly when?: (answers: Differing) => boolean;
  readonly right: Right;
  /** The data sheet, standard or clause that says so. */
  readonly source: string;
  /** One sentence. */
  readonly said: string;
  /** Later differences in the same question follow from it. */
  readonly follows?: true;
  /** The requirement of the Compute Engine document that QEMU does not meet because of it. */
  readonly requirement?: string;
}

/** Our value and QEMU's, in hexadecimal: `00/ff`. */
export type Said = `${string}/${string}`;

/** The two values are one of these pairs. */
export const saying =
  (...pairs: readonly Said[]) =>
  ({ ours, qemu }: Pick<Differing, 'ours' | 'qemu'>): boolean =>
    pairs.includes(`${ours}/${qemu}`);

/** A byte that differs between the two. */
export interface DifferingByte {
  readonly at: number;
  readonly ours: string;
  readonly qemu: string;
}

/** Byte `i` of a written number, from the lowest. */
const byteOf = (text: string, i: number): string => text.slice(-2 * (i + 1)).slice(0, 2);

/** The bytes that differ, of registers: a place has an offset, a width, and the kind of access. */
export function differingBytes({ place, ours, qemu }: Differing): DifferingByte[] {
  const [, first = '', width = ''] = / ([0-9a-f]{2})\/(\d) \w+$/.exec(place) ?? [];
  return Array.from({ length: Number(width) }, (_, i) => ({
    at: number(first) + i,
    ours: byteOf(ours, i),
    qemu: byteOf(qemu, i),
  })).filter((byte) => byte.ours !== byte.qemu);
}

/** The values at power-on, of each byte that differs then. They are the same after they are written back. */
export const atPowerOn =
  (bytes: Readonly<Record<number, Said>>) =>
  (answers: Differing): boolean =>
    !answers.place.endsWith(' written') &&
    differingBytes(answers).every(({ at, ours, qemu }) => bytes[at] === `${ours}/${qemu}`);

export const number = (text: string): number => Number.parseInt(text, 16);

/** QEMU keeps bits that our machine does not, and no others differ. */
export const keepsMore = ({ ours, qemu }: Pick<Differing, 'ours' | 'qemu'>): boolean =>
  (number(ours) & ~number(qemu)) === 0;

/** QEMU keeps more, and has each byte that differs as it was written. */
export function keepsWhatIsWritten(answers: Differing): boolean {
  const written = answers.about.split(' = ')[1] ?? '';
  const first = number(/ ([0-9a-f]{2})\//.exec(answers.place)?.[1] ?? '');
  const asWritten = differingBytes(answers).every(({ at, qemu }) => byteOf(written, at - first) === qemu);
  return asWritten && keepsMore(answers);
}
