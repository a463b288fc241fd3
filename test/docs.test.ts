import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GENERATED } from '../docs/generate.ts';
import { CLAUSE_IDS } from '../src/rules/index.ts';

const read = (path: string) => readFileSync(path, 'utf8');

describe('the generated pages', () => {
  /** Found by name, while the generator goes by imports: neither can forget a file alone. */
  const registerFiles = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|\/)registers(\/[\w-]+)?\.ts$/.test(path),
  );

  test.each(Object.entries(GENERATED))('docs/%s is what the declarations say', async (name, generate) => {
    expect(read(`docs/${name}`), 'run: npm run docs').toBe(await generate());
  });

  test.each(registerFiles)('have every declaration of src/%s', (path) => {
    const [, section = ''] = read('docs/registers.md').split(`\n## [${path}]`);
    const [rows = ''] = section.split('\n## ');
    const declarations = [...read(join('src', path)).matchAll(/\b(?:register|struct)\(\s*'([^']+)'/g)];
    const names = declarations.map(([, name]) => name!);

    expect(names.length).toBeGreaterThan(0);
    // A family of adjacent registers is named by its first and last.
    expect(
      names.filter((name) => !rows.includes(`| \`${name}\``) && !rows.includes(`\` \`${name}\``)),
    ).toEqual([]);
  });

  test('have every clause', () => {
    const text = read('docs/clauses.md');

    expect(CLAUSE_IDS.filter((id) => !text.includes(`| \`${id}\` `))).toEqual([]);
  });
});

describe('links', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', ...readdirSync('docs').map((name) => `docs/${name}`)];
  const links = pages
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https:)([^)#]*)(?:#([^)]*))?\)/g)].map(([link, path, anchor]) => ({
        link: `${page}: ${link}`,
        file: path === '' ? page : join(dirname(page), path!),
        anchor,
      })),
    );

  test('lead to files that are there', () => {
    expect(links.filter(({ file }) => !existsSync(file)).map(({ link }) => link)).toEqual([]);
  });

  test('lead to headings that are there', () => {
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
