import { hex } from '../../../core/bits.ts';
import type { Pl011Facts } from '../../../guest/index.ts';
import type { ProbedMachine } from '../probed-machine.ts';
import type { MetOf, ProbedKind } from './kind.ts';

/** Whether the other end of the line has what the guest sent. */
type HeardPl011 = Pl011Facts & { readonly heard: boolean };

function heardOf({ facts }: MetOf<'pl011s'>, { serial }: ProbedMachine): HeardPl011 {
  const text = serial.find(({ port }) => port === facts.address)?.text;
  return { ...facts, heard: text?.endsWith(facts.sent) === true };
}

export const pl011sKind = {
  bothEnds: heardOf,
  rows: (seen) =>
    seen.map(({ address, heard }, i) => [
      `ttyAMA${i}`,
      hex(address, 8),
      `PL011${heard ? ', its other end heard it' : ''}`,
    ]),
  json: (seen: readonly HeardPl011[]) => ({
    pl011s: seen.map(({ address, heard }, i) => ({ name: `ttyAMA${i}`, address, heard })),
  }),
} satisfies ProbedKind<'pl011s', HeardPl011>;
