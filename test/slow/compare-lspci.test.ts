import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { workFolder } from './work-folder.ts';

const folder = workFolder();
const OPTIONS = join(folder, 'options.json');
writeFileSync(OPTIONS, JSON.stringify({ display: true, balloon: true, rng: true }));

async function said(...args: string[]): Promise<string> {
  let text = '';
  await run(args, { out: (more) => (text += more), err: () => {}, color: false });
  return text;
}

describe.each([
  ['an N1', ['--machine', 'n1']],
  ['an N1 with each card', ['--options', OPTIONS]],
  ['an N2', ['--machine', 'n2']],
  ['a C3', ['--machine', 'c3']],
  ['a C4', ['--machine', 'c4']],
])('what pciutils prints of %s', (_name, machine) => {
  test.each(['', '-n', '-nn', '-v', '-vn', '-vnn', '-vv', '-vvv', '-Dnn', '-knn', '-mm', '-mmn', '-mmnn'])(
    'is compared with it, function by function, and equal: lspci %s',
    async (form) => {
      const dump = join(folder, 'dump');
      writeFileSync(dump, await said('lspci', ...machine));
      const listing = execFileSync('lspci', ['-F', dump, ...form.split(' ').filter(Boolean)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const file = join(folder, 'listing');
      writeFileSync(file, listing);

      const { text } = JSON.parse(await said('compare', file, '--reporter', 'json')).counts;

      const functions = listing.match(/^\S+\.[0-7] /gm)!.length;
      expect([text.new, text.equal >= functions]).toEqual([0, true]);
    },
  );
});
