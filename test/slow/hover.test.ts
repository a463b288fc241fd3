import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FILE = `${ROOT}hovered.ts`;
const CODE = `import { gceN1 } from './dist/index.js';
gceN1({ virtio: 'modern', strictness: 'strict', nics: [{ mac: '', queues: 1, completion: { batch: { within: 1 } } }],
  disks: [{ file: '', readOnly: true }], scsi: { ringSize: 2, latency: 1 }, completion: { order: 'fifo' }, memory: {} });
`;

/** An editor's text for each name before a colon. */
function hovers(): [name: string, said: string][] {
  const service = ts.createLanguageService({
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const text = path === FILE ? CODE : ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => ROOT,
    getCompilationSettings: () => ({ strict: true, module: ts.ModuleKind.NodeNext, types: [] }),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
  });
  return [...CODE.matchAll(/\w+(?=: )/g)].map(({ index, 0: name }) => [
    name,
    ts.displayPartsToString(service.getQuickInfoAtPosition(FILE, index)?.documentation ?? []),
  ]);
}

beforeAll(() => {
  spawnSync('npm', ['run', 'build'], { cwd: ROOT });
});

test('an editor describes every option, from the types of the package', () => {
  const said = hovers();

  expect(said.length).toBe(17);
  expect(said.filter(([, text]) => text === '')).toEqual([]);
});
