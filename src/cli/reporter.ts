import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { match } from 'ts-pattern';
import { github } from '../report/github.ts';
import { reportHtml } from '../report/html.ts';
import { ALONE, type Beside } from '../report/html-beside.ts';
import { junit } from '../report/junit.ts';
import type { Report } from '../report/report.ts';
import { sarif } from '../report/sarif.ts';
import { fitWidth } from './fit-width.ts';
import type { Io } from './io.ts';

/** For people, for programs, and for a CI. */
export const REPORTERS = ['text', 'json', 'junit', 'github', 'sarif', 'html'] as const;
export type Reporter = (typeof REPORTERS)[number];
/** Of the option, everywhere. */
export const REPORTER_ABOUT = 'text, json, junit, github, sarif or html (default: text)';

/** A command's report, the two forms that have more than that, and how its runs are repeated. */
interface Forms {
  readonly runs?: Pick<Beside, 'command' | 'lastAccesses'>;
  report(): Report;
  text(): string;
  json(): object;
}

/** The requested form. */
export function inForm(reporter: Reporter, forms: Forms, { width }: Pick<Io, 'width'>): string {
  return match(reporter)
    .with('text', () => fitWidth(forms.text(), width))
    .with('json', () => jsonText(forms.json()))
    .with('junit', () => junit(forms.report()))
    .with('github', () => github(forms.report()))
    .with('sarif', () => jsonText(sarif(forms.report())))
    .with('html', () => htmlOf(forms))
    .exhaustive();
}

function htmlOf({ report, runs = ALONE }: Forms): string {
  const told = report();
  const { command, lastAccesses } = runs;
  return reportHtml(told, { source: (file) => sourceOf(resolve(told.root, file)), command, lastAccesses });
}

/** Larger files are made by programs. */
const LARGEST = 1 << 22;

/** A file of source code; null for none. A module may name any: a device or a pipe is not read. */
function sourceOf(path: string): string | null {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > LARGEST) return null;
    const text = readFileSync(path, 'utf8');
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
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
