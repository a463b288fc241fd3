import { match } from 'ts-pattern';
import { fitWidth } from './fit-width.ts';
import type { Io } from './io.ts';

/** For people, for programs, and for a CI. */
export const REPORTERS = ['text', 'json', 'junit'] as const;
export type Reporter = (typeof REPORTERS)[number];

/** A command's report in each form. */
interface Forms {
  text(): string;
  json(): object;
  junit(): string;
}

/** The requested form. */
export function inForm(reporter: Reporter, forms: Forms, { width }: Pick<Io, 'width'>): string {
  return match(reporter)
    .with('text', () => fitWidth(forms.text(), width))
    .with('json', () => jsonText(forms.json()))
    .with('junit', () => forms.junit())
    .exhaustive();
}

/**
 * JSON for programs, even on a terminal: characters that a terminal hides, or takes for a command, are escaped as in
 * JSON.
 */
export function jsonText(report: object): string {
  const text = JSON.stringify(report, null, 2);
  return `${text.replaceAll(/[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu, unicode)}\n`;
}

/** A code unit or two. */
function unicode(sign: string): string {
  const units = Array.from({ length: sign.length }, (_, i) => sign.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
