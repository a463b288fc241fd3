import { match } from 'ts-pattern';
import { fitWidth } from './fit-width.ts';
import type { Io } from './io.ts';

/** For people, for programs, and for a CI. */
export const REPORTERS = ['text', 'json', 'junit'] as const;
export type Reporter = (typeof REPORTERS)[number];

/** What a command has to say, each way. */
interface Forms {
  text(): string;
  json(): object;
  junit(): string;
}

/** The one that was asked for. */
export function inForm(reporter: Reporter, forms: Forms, { width }: Pick<Io, 'width'>): string {
  return match(reporter)
    .with('text', () => fitWidth(forms.text(), width))
    .with('json', () => `${JSON.stringify(forms.json(), null, 2)}\n`)
    .with('junit', () => forms.junit())
    .exhaustive();
}
