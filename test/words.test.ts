import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UNWATCHED } from '../docs/generate/statements.ts';
import { strengthOf } from '../src/core/rule.ts';
import { ALL_IDS, CLAUSES } from '../src/rules/index.ts';

/** Whose deed it is, and its strength. */
const SUBJECT = /^A (?:transitional |non-transitional )?(?:driver|guest) (?:[^.:]+ )?(?:MUST|SHOULD) /;
const NOTE = /^(?:Do not|Give|Keep|Latch|Mask|Put|Send|Set|Use|Write) /;
const ONE_SENTENCE = /^(?:\.(?=\S)|[^.])+\.$/;
const SECOND_NEGATION = /\bNOT\b[^:]*(?<!that has )\b(?:no|never|nothing|none|neither)\b/;
const OF_ANOTHER = /\b(?:such|otherwise|in that case|the latter|the former|of the two|likewise)\b/i;
/** What no imperative begins with, and "leave X", which reads as "keep X" where "do not accept X" is meant. */
const NO_ADVICE = /^(?:A|An|The|What|No|It|By|Behind|There) |\b(?:or|and) leave [A-Z]/;

const clauses = [
  ...ALL_IDS.map((id) => [id, CLAUSES[id].text] as const),
  ...Object.entries(UNWATCHED).map(([id, { text }]) => [id, text] as const),
];
const strong = clauses.filter(([, text]) => strengthOf({ text }) !== 'NOTE');

describe('a clause', () => {
  const bad = (list: readonly (readonly [string, string])[], isGood: (text: string) => boolean) =>
    list.filter(([, text]) => !isGood(text)).map((row) => row.join(': '));

  test('says who must do what', () => {
    expect(bad(strong, (text) => SUBJECT.test(text))).toEqual([]);
  });

  test('that is a note is an imperative', () => {
    const notes = clauses.filter(([, text]) => strengthOf({ text }) === 'NOTE');

    expect(bad(notes, (text) => NOTE.test(text))).toEqual([]);
  });

  test('says its strength once', () => {
    expect(bad(strong, (text) => text.match(/\b(?:MUST|SHOULD|MAY)\b/g)?.length === 1)).toEqual([]);
  });

  test('is one sentence of at most 32 words', () => {
    expect(bad(clauses, (text) => ONE_SENTENCE.test(text) && text.split(' ').length <= 32)).toEqual([]);
  });

  test('that forbids has no second negation', () => {
    expect(bad(clauses, (text) => !SECOND_NEGATION.test(text))).toEqual([]);
  });

  test('stands alone: it refers to no sentence of another', () => {
    expect(bad(clauses, (text) => !OF_ANOTHER.test(text))).toEqual([]);
  });

  test('has advice in the imperative, in whole sentences', () => {
    const advice = ALL_IDS.map((id) => [id, CLAUSES[id].advice] as const);

    expect(bad(advice, (text) => /^[A-Z].*\.$/.test(text) && !NO_ADVICE.test(text))).toEqual([]);
  });

  test('names its source', () => {
    expect(ALL_IDS.filter((id) => CLAUSES[id].where === '')).toEqual([]);
  });
});

/** README.md of the folder is a list of links. */
const pages = [
  ...readdirSync('docs'),
  ...readdirSync('docs/reference').map((name) => `reference/${name}`),
].filter((name) => name.endsWith('.md') && name !== 'README.md');

/** Of a page without its code: of each paragraph, item and cell. */
function sentencesOf(page: string): string[] {
  const text = page.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').replaceAll(/\(one of [^)]*\)/g, '');
  const blocks = text.split(/\n\s*\n|^\s*(?:[-*]|\d+\.)\s|^#+ |\|/m);
  return blocks.flatMap((block) => block.trim().split(/(?<=[.!?][*`)]*)\s+(?=[A-Z`*[])/));
}

describe.each(pages)('docs/%s', (name) => {
  const sentences = sentencesOf(readFileSync(`docs/${name}`, 'utf8'));

  test('has no sentence of more than 40 words', () => {
    expect(sentences.filter((one) => one.split(/\s+/).length > 40)).toEqual([]);
  });

  test('speaks of things and drivers, not of whoever does what', () => {
    expect(
      sentences.filter((one) => /^[*_`]*Who\b|\b(?:whoever|nobody|anybody|everybody|for who)\b/i.test(one)),
    ).toEqual([]);
  });
});
