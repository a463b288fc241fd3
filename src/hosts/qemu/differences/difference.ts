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

export const number = (text: string): number => Number.parseInt(text, 16);

/** QEMU keeps bits that ours does not, and no others differ. */
export const keepsMore = ({ ours, qemu }: Differing): boolean => (number(ours) & ~number(qemu)) === 0;
