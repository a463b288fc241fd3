import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { entries } from '../docs/generate/api-page.ts';
import { exportsOf } from '../docs/generate/exports.ts';
import { STABLE } from '../docs/generate/stable.ts';
import { gceN1 } from '../src/machine/gce-n1.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const namesOf = (path: string) => exportsOf(path).map(({ name }) => name);
/** The comment at the top of an entry, which is of all that it exports. */
const aboutOf = (path: string) => /^\/\*\*[\s\S]*?\*\//.exec(read(`src/${path}`))?.[0] ?? '';

describe.each(entries())('%s', (specifier, path) => {
  const stable = STABLE[specifier] ?? [];
  const all = namesOf(path);

  test('exports each of its stable names, once', () => {
    expect(stable.filter((name, i) => !all.includes(name) || stable.indexOf(name) !== i)).toEqual([]);
  });

  test('says of its other names that they are experimental, at its top', () => {
    const others = all.filter((name) => !stable.includes(name));

    expect([others.length > 0, aboutOf(path)]).toEqual([
      others.length > 0,
      expect.stringMatching(others.length > 0 ? /\n \* @experimental All / : ''),
    ]);
  });

  test('says that all are experimental if none is stable', () => {
    expect(aboutOf(path).includes('@experimental All of it:')).toBe(stable.length === 0);
  });
});

test('each entry with stable names is one of the package', () => {
  expect(Object.keys(STABLE).filter((name) => !entries().some(([entry]) => entry === name))).toEqual([]);
});

test('docs/versions.md names the functions and classes that are stable', () => {
  const page = read('docs/versions.md');
  const core = entries().flatMap(([specifier, path]) =>
    exportsOf(path).filter(({ name, typeOnly }) => !typeOnly && STABLE[specifier]?.includes(name)),
  );

  expect(core.filter(({ name }) => !page.includes(`\`${name}\``)).map(({ name }) => name)).toEqual([]);
});

test("a machine's own keys are those that its declarations have", () => {
  const devices = readdirSync('src/machine/devices').map((file) => `src/machine/devices/${file}`);
  const declared = ['src/machine/machine.ts', ...devices].map(read).join('\n');
  const said = new Set(
    [...declared.matchAll(/^ {2}(?:readonly )?(\w+)(?:\(.*\))?: .*;$/gm)].map(([, name]) => name),
  );

  expect(Object.keys(gceN1()).filter((key) => !said.has(key))).toEqual([]);
});
