import { writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { markdown } from './report/markdown.ts';
import { svg } from './report/svg.ts';
import { table } from './report/table.ts';
import { cellName } from './virtqueue/cells.ts';
import { measureVirtqueues } from './virtqueue/run.ts';

const USAGE = `npm run bench -- [virtqueue] [--json] [--rounds N] [--only TEXT] [--markdown FILE] [--svg FILE]

Measures the queues and their peers side by side, by process CPU time.
  --json           print the figures as JSON
  --rounds N       the median of N rounds counts (15)
  --only TEXT      only cells whose name has TEXT in it, such as 'split b, batch 32'
  --markdown FILE  write the note
  --svg FILE       write the plot`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '15' },
    only: { type: 'string', default: '' },
    markdown: { type: 'string' },
    svg: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const [what = 'virtqueue', ...more] = positionals;
const rounds = Number(values.rounds);

if (values.help || what !== 'virtqueue' || more.length > 0 || !(rounds >= 1)) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}

const only = values.only;
const { result, attendance } = await measureVirtqueues(rounds, (cell) => cellName(cell).includes(only));
const { markdown: note, svg: plot } = values;
if (plot) writeFileSync(plot, svg(result));
if (note) {
  const path = plot ? relative(dirname(note), plot) : null;
  writeFileSync(note, markdown(result, attendance, path));
}
console.log(values.json ? JSON.stringify(result, null, 2) : table(result, attendance));
