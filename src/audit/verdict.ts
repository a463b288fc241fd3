import { match } from 'ts-pattern';
import type { Place } from './place.ts';

/** The verdict on one line of the table, with its place; `at` is null if the verdict follows from a line's absence. */
export type Verdict =
  | { readonly kind: 'satisfied'; readonly at: Place | null; readonly note?: string }
  | { readonly kind: 'successor'; readonly name: string; readonly since: string; readonly at: Place }
  | { readonly kind: 'not applicable'; readonly why: string }
  | { readonly kind: 'missing'; readonly why: string }
  | { readonly kind: 'contradicts'; readonly at: Place; readonly why: string }
  | { readonly kind: 'module in initramfs'; readonly at: Place; readonly file: string }
  | { readonly kind: 'module not in initramfs'; readonly at: Place; readonly why: string };

/** The verdict's words, the same in every report. */
export function verdictText(verdict: Verdict): string {
  return match(verdict)
    .with({ kind: 'satisfied' }, () => 'satisfied')
    .with({ kind: 'successor' }, ({ name, since }) => `satisfied by successor ${name} since ${since}`)
    .with({ kind: 'not applicable' }, ({ why }) => `not applicable (${why})`)
    .with({ kind: 'missing' }, () => 'missing')
    .with({ kind: 'contradicts' }, () => 'contradicts')
    .with({ kind: 'module in initramfs' }, () => 'module, present in initramfs')
    .with({ kind: 'module not in initramfs' }, () => 'module, not in initramfs')
    .exhaustive();
}

/** A note in addition to the words; empty if there is none. */
export function verdictNote(verdict: Verdict): string {
  return match(verdict)
    .with({ kind: 'satisfied' }, ({ note }) => note ?? '')
    .with({ kind: 'missing' }, { kind: 'contradicts' }, { kind: 'module not in initramfs' }, ({ why }) => why)
    .with({ kind: 'module in initramfs' }, ({ file }) => file)
    .with({ kind: 'successor' }, { kind: 'not applicable' }, () => '')
    .exhaustive();
}

/** The place of the verdict, if it is a line. */
export function placeOf(verdict: Verdict): Place | null {
  return match(verdict)
    .with({ kind: 'not applicable' }, { kind: 'missing' }, () => null)
    .otherwise(({ at }) => at);
}

/** Whether the image needs a change for this line. */
export function fails({ kind }: Verdict): boolean {
  return kind === 'missing' || kind === 'contradicts';
}
