import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportsOf } from '../docs/generate/exports.ts';
import { BUILT, GENERATED, PLAYED } from '../docs/generate.ts';
import { LACKS } from '../src/conformance/proofs.ts';
import { CLAUSE_PAGES, clausePage, clauseUrl } from '../src/report/clause-page.ts';
import { ALL_IDS, CLAUSE_IDS, CLAUSES } from '../src/rules/index.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const filesBelow = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' });

describe('the generated pages', () => {
  /** A slow test compares the others. */
  const quick = Object.entries(GENERATED).filter(([name]) => !(name in PLAYED));

  test.each(quick)('docs/%s is what the code says', async (name, generate) => {
    expect(read(`docs/${name}`), 'run: npm run docs').toBe(await generate());
  });

  test('are all that is in the folder of the reference', () => {
    const pages = Object.keys({ ...GENERATED, ...BUILT }).filter((name) => name.startsWith('reference/'));

    const files = filesBelow('docs/reference').filter((name) => name.endsWith('.md'));

    expect(files.filter((name) => !pages.includes(`reference/${name}`))).toEqual([]);
  });

  const whole = Object.keys(GENERATED).filter((name) => !['rules.md', '../README.md'].includes(name));

  test.each(whole)('docs/%s pads no table and mentions no test', (name) => {
    expect(read(`docs/${name}`)).not.toMatch(/^\|.*[^|\s] {2,}\||-{4,}|\b(test|proof|rig)\.ts\b/m);
  });
});

describe('the page of registers', async () => {
  const page = await BUILT['reference/registers.md']!();
  /** Found by name, while the generator goes by imports: neither can forget a file alone. */
  const registerFiles = filesBelow('src').filter((path) => /(^|\/)registers(\/[\w-]+)?\.ts$/.test(path));

  test.each(registerFiles)('has every declaration of src/%s', (path) => {
    const [, section = ''] = page.split(`\n## \`${path}\``);
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

describe('the pages of clauses', () => {
  const pageOf = (clause: string) => read(`docs/reference/clauses/${clausePage(clause)}.md`);
  const entryOf = (clause: string) => pageOf(clause).split(`\n## ${clause}\n`)[1]!.split('\n## ')[0]!;

  test.each(ALL_IDS)('have %s once, under a heading that reports can link to', (clause) => {
    const address = new URL(clauseUrl(clause));
    const headings = headingsOf(readFileSync(address, 'utf8'));

    expect(headings.filter((heading) => `#${heading}` === address.hash)).toHaveLength(1);
  });

  test('have no clause that does not exist', () => {
    const pages = CLAUSE_PAGES.map(([name]) => read(`docs/reference/clauses/${name}.md`));
    const headings = pages.flatMap((text) => [...text.matchAll(/^## (.*)$/gm)].map(([, id]) => id!));

    expect(headings.sort()).toEqual([...ALL_IDS].sort());
  });

  test('name the driver that breaks a clause', () => {
    expect(entryOf('uart/THR-FULL')).toContain('Broken driver: writes to a full transmitter.');
  });

  test('say in the index what a clause lacks', () => {
    const [, lacking = ''] = read('docs/reference/clauses.md').split('## Clauses that lack a proof');

    expect(Object.keys(LACKS).filter((clause) => !lacking.includes(`[\`${clause}\`](`))).toEqual([]);
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
    const headings = headingsOf(read('docs/reference/api.md')).slice(1);

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

describe('the page of options', () => {
  const rows = read('docs/options.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(' | '));

  test('says what each option means', () => {
    const silent = rows.filter(([, , , meaning]) => meaning === ' |' || meaning === undefined);

    expect(silent).toEqual([]);
    expect(rows.length).toBeGreaterThan(80);
  });

  test('says what each option is by default', () => {
    const silent = rows.filter(([, , byDefault]) => byDefault === '');

    expect(silent).toEqual([]);
  });
});

describe('pages that are written by hand', () => {
  const pages = filesBelow('docs').filter((name) => name.endsWith('.md') && !name.includes('/'));
  const rooms = [...new Set(CLAUSE_IDS.map((clause) => clause.split('/')[0]))].join('|');
  const clauses = new RegExp(`\`((?:${rooms})/[A-Z0-9-]+)\``, 'g');

  test.each(pages)('%s names existing clauses', (name) => {
    const named = [...read(`docs/${name}`).matchAll(clauses)].map(([, clause]) => clause!);

    expect(named.filter((clause) => !Object.hasOwn(CLAUSES, clause))).toEqual([]);
  });
});

describe('links', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'SECURITY.md',
    'CODE_OF_CONDUCT.md',
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
