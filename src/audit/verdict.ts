import { match } from 'ts-pattern';
import type { Place } from './place.ts';

/** What the audit says of one line of its table, with where it was read; `at` is null where a line's absence says it. */
export type Verdict =
  | { readonly kind: 'satisfied'; readonly at: Place | null; readonly note?: string }
  | { readonly kind: 'successor'; readonly name: string; readonly since: string; readonly at: Place }
  | { readonly kind: 'not applicable'; readonly why: string }
  | { readonly kind: 'missing'; readonly why: string }
  | { readonly kind: 'contradicts'; readonly at: Place; readonly why: string }
  | { readonly kind: 'module in initramfs'; readonly at: Place; readonly file: string }
  | { readonly kind: 'module not in initramfs'; readonly at: Place; readonly why: string };

/** The verdict's words, as every report has them. */
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

/** What is to be said beside the words; empty where they say it all. */
export function verdictNote(verdict: Verdict): string {
  return match(verdict)
    .with({ kind: 'satisfied' }, ({ note }) => note ?? '')
    .with({ kind: 'missing' }, { kind: 'contradicts' }, { kind: 'module not in initramfs' }, ({ why }) => why)
    .with({ kind: 'module in initramfs' }, ({ file }) => file)
    .with({ kind: 'successor' }, { kind: 'not applicable' }, () => '')
    .exhaustive();
}

/** Where the verdict was read, if at a line. */
export function placeOf(verdict: Verdict): Place | null {
  return match(verdict)
    .with({ kind: 'not applicable' }, { kind: 'missing' }, () => null)
    .otherwise(({ at }) => at);
}

/** Whether the image has to be changed for this line. */
export function fails({ kind }: Verdict): boolean {
  return kind === 'missing' || kind === 'contradicts';
}
