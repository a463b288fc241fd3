import { join, relative } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { packed } from './package/project.ts';

const { clone } = await packed();
const FILE = join(clone, 'hovered.ts');
const CODE = `import { type Driver, gceN1 } from './dist/index.js';
gceN1({ virtio: 'modern', strictness: 'strict', nics: [{ mac: '', queues: 1, completion: { batch: { within: 1 } } }],
  disks: [{ file: '', readOnly: true }], scsi: { ringSize: 2, latency: 1 }, completion: { order: 'fifo' }, memory: {} });
console.log(gceN1().attach({} as Driver<number>), gceN1().findings);
`;

/** An editor's, with a program that uses the package. */
function editor(): ts.LanguageService {
  return ts.createLanguageService({
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const text = path === FILE ? CODE : ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => clone,
    getCompilationSettings: () => ({ strict: true, module: ts.ModuleKind.NodeNext, types: [] }),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
  });
}

/** What an editor says of each name before a colon. */
function hovers(): [name: string, said: string][] {
  const service = editor();
  return [...CODE.matchAll(/\w+(?=: )/g)].map(({ index, 0: name }) => [
    name,
    ts.displayPartsToString(service.getQuickInfoAtPosition(FILE, index)?.documentation ?? []),
  ]);
}

/** Where an editor goes from a name in the program, and the line that it shows there. */
function definitionOf(name: string): [file: string, line: string] {
  const [place] = editor().getDefinitionAtPosition(FILE, CODE.indexOf(name)) ?? [];
  const text = ts.sys.readFile(place?.fileName ?? '') ?? '';
  const line = text.slice(place?.contextSpan?.start).split('\n')[0]!;
  return [relative(clone, place?.fileName ?? ''), line];
}

test('an editor describes every option, from the types of the package', () => {
  const said = hovers();

  expect(said.length).toBe(17);
  expect(said.filter(([, text]) => text === '')).toEqual([]);
});

test.each([
  ['gceN1(', 'declare function gceN1(options?: MachineOptions): Machine;'],
  ['attach', 'attach<Handle>(driver: Driver<Handle>): Handle;'],
  ['findings', 'readonly findings: readonly Finding[];'],
])('an editor goes from %s to its declaration, in a few files that people can read', (name, line) => {
  const [file, shown] = definitionOf(name);

  expect(file).toMatch(/^dist\/(\w+\/)?\w+\.d\.ts$/);
  expect(shown).toBe(line);
});
