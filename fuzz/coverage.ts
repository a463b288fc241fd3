import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { table } from './report.ts';

/**
 * Reports how many lines of each room ran, from Node's output in the folder of NODE_V8_COVERAGE. Lines are those of the
 * compiled code; comments and empty ones do not count.
 */
interface Script {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly {
      readonly startOffset: number;
      readonly endOffset: number;
      readonly count: number;
    }[];
  }[];
}

const [folder = '.cache/coverage'] = process.argv.slice(2);
const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));
const NO_CODE = /^\s*(\/\/.*|\/?\*.*|[})\];,]*)$/;

const ran = new Map<string, Set<number>>();
for (const name of readdirSync(folder)) {
  const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { result: Script[] };
  for (const script of result) if (script.url.startsWith(`file://${SOURCES}`)) look(script);
}
const rooms = new Map<string, { lines: number; ran: number }>();
for (const [path, lines] of ran) {
  const room = relative(SOURCES, path).split('/')[0]!;
  const sum = rooms.get(room) ?? { lines: 0, ran: 0 };
  sum.lines += codeLines(readFileSync(path, 'utf8')).length;
  sum.ran += lines.size;
  rooms.set(room, sum);
}
const rows = [...rooms]
  .sort()
  .map(([room, { lines, ran }]) => [
    room,
    String(lines),
    String(ran),
    `${((100 * ran) / lines).toFixed(0)} %`,
  ]);
console.log(table(['room', 'lines', 'ran', 'share'], rows).join('\n'));

/** Adds the lines of one script that ran, in any thread. */
function look({ url, functions }: Script): void {
  const path = fileURLToPath(url);
  const text = readFileSync(path, 'utf8');
  const counts = new Uint8Array(text.length).fill(1);
  // Inner ranges come after outer ones.
  for (const { ranges } of functions)
    for (const { startOffset, endOffset, count } of ranges)
      counts.fill(Math.min(count, 1), startOffset, endOffset);
  const lines = ran.get(path) ?? new Set();
  ran.set(path, lines);
  for (const { number, at } of codeLines(text)) if (counts[at] !== 0) lines.add(number);
}

/** Lines with code, and the offset of their first character. */
function codeLines(text: string): { number: number; at: number }[] {
  let from = 0;
  return text.split('\n').flatMap((line, number) => {
    const at = from + line.search(/\S|$/);
    from += line.length + 1;
    return NO_CODE.test(line) ? [] : [{ number, at }];
  });
}
