import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { github } from '../../report/github.ts';
import { SUITE } from '../scenarios/index.ts';
import { conform } from '../suite/conform.ts';
import { suiteReport } from './suite-report.ts';

/** As GitHub's runner reads a line: actions/runner, ActionCommand. */
interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

const unescaped = (text: string, signs: string) =>
  text.replaceAll(new RegExp(`%(25|0D|0A${signs})`, 'g'), (_, code) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );

function commandIn(line: string): Command {
  const [, name, properties, data] = /^::(\w+)(?: (.*?))?::(.*)$/.exec(line)!;
  const pairs = properties!.split(',').map((pair) => /^(\w+)=(.*)$/.exec(pair)!.slice(1) as [string, string]);
  return {
    name: name!,
    properties: Object.fromEntries(pairs.map(([key, value]) => [key, unescaped(value, '|3A|2C')])),
    data: unescaped(data!, ''),
  };
}

const SMALL = { memory: { below4G: 16 << 20 } };

/** A driver with this name that throws this at that place. */
function reportOf(name: string, said: string, place: string): string[] {
  const thrown = new Error(said);
  thrown.stack = `Error\n    at run (${place}:12:3)`;
  const run = () => {
    throw thrown;
  };
  const report = conform({ name, drivers: [], run }, { scenarios: [SUITE[0]!.name], machine: SMALL });
  return github(suiteReport(report, '/home/me')).split(/\r\n|\r|\n/);
}

/** Texts in which the signs of a command are frequent. */
const text = fc.string({ unit: fc.constantFrom(...'%:,=\r\n 25A0Dé𝄞') });
const fileName = fc.string({ unit: fc.constantFrom(...'%,= ab25A0D𝄞'), minLength: 1 });
/** Each plays on a machine of its own. */
const RUNS = { numRuns: 6 };

describe('an annotation for GitHub', () => {
  test('is a single line, with any contents, and decodes to its text', () => {
    const holds = fc.property(text, text, fileName, (name, said, file) => {
      const lines = reportOf(name, said, `/home/me/${file}`);

      expect(lines).toHaveLength(4);
      expect(commandIn(lines[0]!)).toEqual({
        name: 'error',
        properties: { file, line: '12', col: '3', title: `${name} stopped` },
        data: `${new Error(said)}\nin "${SUITE[0]!.name}", seed 1`,
      });
    });

    fc.assert(holds, RUNS);
  });

  test('escapes characters that would end it, in the order in which it is read', () => {
    const [line] = reportOf('a:b,c', '100%\r\nof: it,', '/home/me/a,b%0A.ts');

    expect(line).toBe(
      `::error file=a%2Cb%250A.ts,line=12,col=3,title=a%3Ab%2Cc stopped::Error: 100%25%0D%0Aof: it,%0Ain "${SUITE[0]!.name}", seed 1`,
    );
  });
});
