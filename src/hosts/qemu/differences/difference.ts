import type { ProfileName } from '../../../machine/profile.ts';

/** Who is right where the two answer differently. Both, where what is written leaves it open. */
export type Right = 'ours' | 'qemu' | 'both';

/** An answer of ours beside that of QEMU's. */
export interface Differing {
  readonly place: string;
  readonly ours: string;
  readonly qemu: string;
  /** What was asked: accesses up to the end of the question, or the command. */
  readonly about: string;
}

/** What QEMU answers otherwise than our machine, and why. */
export interface Difference {
  readonly id: string;
  /** Which machine of ours answers so; left out, each. */
  readonly of?: ProfileName;
  /** For people: which registers or commands. */
  readonly where: string;
  readonly at: RegExp;
  /** Where the place alone does not tell. */
  readonly when?: (answers: Differing) => boolean;
  readonly right: Right;
  /** The sheet, standard or clause that says so. */
  readonly source: string;
  /** One sentence. */
  readonly said: string;
  /** What is asked after it in the same question follows from it. */
  readonly follows?: true;
  /** The line of the Compute Engine document that does not hold on QEMU because of it. */
  readonly requirement?: string;
}

/** What ours says and what QEMU does, in hexadecimal: `00/ff`. */
export type Said = `${string}/${string}`;

/** They say just one of these. */
export const saying =
  (...pairs: readonly Said[]) =>
  ({ ours, qemu }: Pick<Differing, 'ours' | 'qemu'>): boolean =>
    pairs.includes(`${ours}/${qemu}`);

/** A byte that the two have differently. */
export interface DifferingByte {
  readonly at: number;
  readonly ours: string;
  readonly qemu: string;
}

/** The byte `i` of a number that is written down, from the lowest. */
const byteOf = (text: string, i: number): string => text.slice(-2 * (i + 1)).slice(0, 2);

/** Of registers: the bytes that differ, where a place has an offset, a width, and what was done to it. */
export function differingBytes({ place, ours, qemu }: Differing): DifferingByte[] {
  const [, first = '', width = ''] = / ([0-9a-f]{2})\/(\d) \w+$/.exec(place) ?? [];
  return Array.from({ length: Number(width) }, (_, i) => ({
    at: number(first) + i,
    ours: byteOf(ours, i),
    qemu: byteOf(qemu, i),
  })).filter((byte) => byte.ours !== byte.qemu);
}

/** What is there at power-on, of each byte that the two have differently then. It is the same when it is written back. */
export const atPowerOn =
  (bytes: Readonly<Record<number, Said>>) =>
  (answers: Differing): boolean =>
    !answers.place.endsWith(' written') &&
    differingBytes(answers).every(({ at, ours, qemu }) => bytes[at] === `${ours}/${qemu}`);

export const number = (text: string): number => Number.parseInt(text, 16);

/** QEMU keeps bits that ours does not, and no others differ. */
export const keepsMore = ({ ours, qemu }: Pick<Differing, 'ours' | 'qemu'>): boolean =>
  (number(ours) & ~number(qemu)) === 0;

/** QEMU keeps more, and has each byte that differs as it was written. */
export function keepsWhatIsWritten(answers: Differing): boolean {
  const written = answers.about.split(' = ')[1] ?? '';
  const first = number(/ ([0-9a-f]{2})\//.exec(answers.place)?.[1] ?? '');
  const asWritten = differingBytes(answers).every(({ at, qemu }) => byteOf(written, at - first) === qemu);
  return asWritten && keepsMore(answers);
}
