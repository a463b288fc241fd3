import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportsOf } from '../docs/generate/exports.ts';
import { GENERATED } from '../docs/generate.ts';
import { LACKS } from '../src/conformance/proofs.ts';
import { CLAUSE_IDS } from '../src/rules/index.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const filesBelow = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' });

describe('the generated pages', () => {
  /** This page needs every scenario played: that is a slow test. */
  const quick = Object.entries(GENERATED).filter(([name]) => name !== 'clauses.md');

  test.each(quick)('docs/%s is what the code says', async (name, generate) => {
    expect(read(`docs/${name}`), 'run: npm run docs').toBe(await generate());
  });

  test('of registers are those of rooms that declare some', () => {
    const pages = filesBelow('docs/registers').map((name) => `registers/${name}`);

    expect(pages.sort()).toEqual(
      Object.keys(GENERATED)
        .filter((name) => name.startsWith('registers/'))
        .sort(),
    );
  });

  test.each(Object.keys(GENERATED))('docs/%s pads no table and mentions no test', (name) => {
    expect(read(`docs/${name}`)).not.toMatch(/^\|.*[^|\s] {2,}\||-{4,}|\b(test|proof|rig)\.ts\b/m);
  });
});

describe('the pages of registers', () => {
  /** Found by name, while the generator goes by imports: neither can forget a file alone. */
  const registerFiles = filesBelow('src').filter((path) => /(^|\/)registers(\/[\w-]+)?\.ts$/.test(path));

  test.each(registerFiles)('have every declaration of src/%s', (path) => {
    const [room] = path.split('/');
    const [, section = ''] = read(`docs/registers/${room}.md`).split(`\n## \`${path}\``);
    const [rows = ''] = section.split('\n## ');
    const declarations = [...read(join('src', path)).matchAll(/\b(?:register|struct)\(\s*'([^']+)'/g)];
    const names = declarations.map(([, name]) => name!);

    expect(names.length).toBeGreaterThan(0);
    // A family of adjacent registers is named by its first and last.
    expect(
      names.filter((name) => !rows.includes(`| \`${name}\``) && !rows.includes(`\` \`${name}\``)),
    ).toEqual([]);
  });
});

describe('the page of clauses', () => {
  const rows = read('docs/clauses.md').split('\n');
  const rowsOf = (clause: string) => rows.filter((row) => row.startsWith(`| \`${clause}\` |`));

  test.each(CLAUSE_IDS)('has %s once, and once more for what it lacks', (clause) => {
    expect(rowsOf(clause)).toHaveLength(Object.hasOwn(LACKS, clause) ? 2 : 1);
  });

  test('names the three proofs of a clause', () => {
    expect(rowsOf('uart/THR-FULL')[0]).toMatch(/\| ✓ \| a [^|]+ \| writes to a full transmitter \|$/);
  });
});

describe('the page of public names', () => {
  /** Asked of the modules themselves: what exists when a program runs. */
  const entries = [
    ['guestrig', 'index.ts', () => import('../src/index.ts')],
    ['guestrig/guest', 'guest/index.ts', () => import('../src/guest/index.ts')],
    ['guestrig/conformance', 'conformance/index.ts', () => import('../src/conformance/index.ts')],
    ['guestrig/trace', 'trace/index.ts', () => import('../src/trace/index.ts')],
    ['guestrig/audit', 'audit/index.ts', () => import('../src/audit/index.ts')],
    ['guestrig/vitest', 'vitest/index.ts', () => import('../src/vitest/index.ts')],
    ['guestrig/hosts/v86', 'hosts/v86/index.ts', () => import('../src/hosts/v86/index.ts')],
    ['guestrig/hosts/wasm', 'hosts/wasm/index.ts', () => import('../src/hosts/wasm/index.ts')],
    ['guestrig/hosts/qemu', 'hosts/qemu/index.ts', () => import('../src/hosts/qemu/index.ts')],
    ['guestrig/hosts/vfio-user', 'hosts/vfio-user/index.ts', () => import('../src/hosts/vfio-user/index.ts')],
    ['guestrig/hosts/kvm', 'hosts/kvm/index.ts', () => import('../src/hosts/kvm/index.ts')],
  ] as const;

  test('has every entry of the package', () => {
    const { exports } = JSON.parse(read('package.json'));
    const headings = headingsOf(read('docs/api.md')).slice(1);

    expect(headings).toHaveLength(Object.keys(exports).length - 1);
    expect(headings).toEqual(entries.map(([name]) => name.replaceAll('/', '')));
  });

  test.each(entries)('has the exports of %s in a running program', async (_name, path, load) => {
    const values = exportsOf(path).filter(({ typeOnly }) => !typeOnly);

    expect(values.map(({ name }) => name).sort()).toEqual(Object.keys(await load()).sort());
  });

  test.each(entries)('describes each name of %s', (_name, path) => {
    const silent = exportsOf(path).filter(({ summary }) => summary === '');

    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});

describe('links', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    ...filesBelow('docs').map((name) => `docs/${name}`),
  ];
  const links = pages
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https:)([^)#]*)(?:#([^)]*))?\)/g)].map(([link, path, anchor]) => ({
        link: `${page}: ${link}`,
        file: path === '' ? page : join(dirname(page), path!),
        anchor,
      })),
    );

  test('lead to existing files', () => {
    expect(links.filter(({ file }) => !existsSync(file)).map(({ link }) => link)).toEqual([]);
  });

  test('lead to existing headings', () => {
    const lost = links.filter(({ file, anchor }) => anchor && !headingsOf(read(file)).includes(anchor));

    expect(lost.map(({ link }) => link)).toEqual([]);
  });
});

/** As GitHub names them. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
