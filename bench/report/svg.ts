import type { Result } from '../virtqueue/result.ts';
import { type Row, rowsOf } from './rows.ts';

const WIDTH = 760;
const LEFT = 170;
const RIGHT = 24;
const TOP = 62;
const ROW = 19;
const GAP = 14;
const TICKS = [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256];

interface Series {
  readonly name: string;
  readonly colour: string;
  of(row: Row): number | null | undefined;
}

const SERIES: readonly Series[] = [
  { name: 'guestrig', colour: '#0b7fab', of: ({ plain }) => plain.ratioToC },
  { name: 'guestrig, wasm copy', colour: '#5b3fb5', of: ({ wasm }) => wasm?.ratioToC },
  { name: 'rust-vmm', colour: '#c2571a', of: ({ rust }) => rust?.ratioToC },
  { name: 'v86', colour: '#7a7a7a', of: ({ v86 }) => v86?.ratioToC },
];

/** Rows are scenarios, the axis is time as a multiple of lean C's (logarithmic); a bar spans the batches 1 to 256. */
export function svg(result: Result): string {
  const groups = groupsOf(rowsOf(result));
  const series = SERIES.filter((one) => groups.some(({ rows }) => rows.some((row) => present(one.of(row)))));
  const shown = groups
    .flatMap(({ rows }) => series.flatMap((one) => rows.map((row) => one.of(row))))
    .filter(present);
  const x = scale(Math.min(1, ...shown) / 1.2, Math.max(2, ...shown) * 1.2);
  let y = TOP;
  const body: string[] = [];
  let section = '';
  for (const { name, heading, rows } of groups) {
    if (heading !== section) {
      y += section === '' ? 0 : GAP;
      section = heading;
      body.push(`<text x="10" y="${y + 13}" class="h">${heading}</text>`);
      y += ROW;
    }
    body.push(`<text x="${LEFT - 12}" y="${y + 13}" text-anchor="end">${name}</text>`);
    for (const one of series) body.push(...mark(one, rows, x, y + ROW / 2));
    y += ROW;
  }
  return page(y + 34, [...grid(x, y), ...legend(series), ...body], result);
}

interface Group {
  readonly name: string;
  readonly heading: string;
  /** One per batch. */
  readonly rows: Row[];
}

function groupsOf(rows: readonly Row[]): Group[] {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const heading = `${row.ring}, ${row.copy ? 'with copy' : 'no copy'}`;
    const key = `${heading} ${row.scenario}`;
    const group = groups.get(key) ?? { name: row.scenario, heading, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  const headings = [...new Set([...groups.values()].map(({ heading }) => heading))];
  return headings.flatMap((heading) => [...groups.values()].filter((group) => group.heading === heading));
}

function mark(
  { colour, of }: Series,
  rows: readonly Row[],
  x: (ratio: number) => number,
  y: number,
): string[] {
  const ratios = rows.map(of).filter(present);
  if (ratios.length === 0) return [];
  const sorted = [...ratios].sort((a, b) => a - b);
  const [from, to] = [x(sorted[0]!), x(sorted.at(-1)!)];
  const middle = x(sorted[sorted.length >> 1]!);
  return [
    `<path d="M${fix(from)} ${y}H${fix(to)}" stroke="${colour}" stroke-width="3" stroke-linecap="round" opacity=".45"/>`,
    `<circle cx="${fix(middle)}" cy="${y}" r="4" fill="${colour}"/>`,
  ];
}

function grid(x: (ratio: number) => number, bottom: number): string[] {
  return TICKS.filter((tick) => x(tick) >= LEFT && x(tick) <= WIDTH - RIGHT).flatMap((tick) => [
    `<path d="M${fix(x(tick))} ${TOP - 4}V${bottom + 4}" class="${tick === 1 ? 'c' : 'g'}"/>`,
    `<text x="${fix(x(tick))}" y="${bottom + 20}" text-anchor="middle">${tick === 1 ? 'C' : `${tick}×`}</text>`,
  ]);
}

function legend(series: readonly Series[]): string[] {
  return series.map(
    ({ name, colour }, i) =>
      `<circle cx="${LEFT + i * 150}" cy="44" r="4" fill="${colour}"/><text x="${LEFT + 9 + i * 150}" y="48">${name}</text>`,
  );
}

function page(height: number, content: readonly string[], { device, node, rounds }: Result): string {
  const style = [
    'text{font:12px system-ui,sans-serif;fill:#333}.h{font-weight:600}.t{font-size:14px;font-weight:600}',
    '.g{stroke:#8884;fill:none}.c{stroke:#888;fill:none}',
    '@media(prefers-color-scheme:dark){text{fill:#ddd}}',
  ].join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">`,
    `<title>Virtqueue, device side, against lean C: ${device}, node ${node}, median of ${rounds} rounds</title>`,
    `<style>${style}</style>`,
    `<text x="10" y="20" class="t">CPU time a chain takes, in times of lean C; bars span batches of 1 to 256</text>`,
    ...content,
    '</svg>',
    '',
  ].join('\n');
}

function scale(from: number, to: number): (ratio: number) => number {
  const span = Math.log(to / from);
  return (ratio) => LEFT + (Math.log(ratio / from) / span) * (WIDTH - LEFT - RIGHT);
}

function present(value: number | null | undefined): value is number {
  return value !== null && value !== undefined;
}

function fix(value: number): string {
  return value.toFixed(1);
}
