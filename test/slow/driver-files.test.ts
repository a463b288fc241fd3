import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { inFolderOf } from '../../src/cli/rig.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

inFolderOf({
  'torn.mjs': 'export default {\n  run(;\n',
  'mine.data': '\0',
});

// In a process without hundreds of machines: a larger one may be too large to fork.
test.each([
  ['torn.mjs', /^driver torn\.mjs: cannot be loaded, line 2: SyntaxError: [^\n]+\n$/],
  ['mine.data', /^driver mine\.data: this Node reads no such file\n$/],
])("Node's own message about %s is printed", (file, line) => {
  const program = ['--import', import.meta.resolve('tsx'), MAIN, 'conform', file];

  const { status, signal, error, stderr } = spawnSync(process.execPath, program, { encoding: 'utf8' });

  expect([status, signal, error?.message]).toEqual([2, null, undefined]);
  expect(stderr).toMatch(line);
});
