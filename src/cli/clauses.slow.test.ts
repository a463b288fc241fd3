import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { CLAUSES } from '../rules/index.ts';
import { guestrig } from './rig.ts';
import { run } from './run.ts';

describe('guestrig clauses', () => {
  // One of each room, and a note.
  test.each([
    'pic/EOI',
    'uart/THR-FULL',
    'pci/BUS-MASTER',
    'pci/CONFADD-ALIGN',
    'virtio/FEAT-D1',
    'gce/SERIAL',
  ] as const)('explains %s, with the findings of a driver that breaks it', async (id) => {
    const { status, out } = await guestrig('clauses', id.toLowerCase());
    const { strength, text, where } = CLAUSES[id];

    expect(status).toBe(0);
    expect(
      out.startsWith(`${id}  a breach fails ${strength === 'NOTE' ? 'no' : 'the'} run\n\n  ${text}\n`),
    ).toBe(true);
    expect(out).toMatch(
      new RegExp(
        `\\nWhat is said of the broken driver "[^"]+" [^\\n]+\\n\\n${id} {2}${strength === 'NOTE' ? 'NOTE {2}' : ''}\\w`,
      ),
    );
    expect(out.split(where)).toHaveLength(3);
  });
});

describe('a terminal', () => {
  const shown = async (width: number, ...argv: string[]) => {
    const said = { out: '' };
    await run(argv, { out: (text) => (said.out += text), err: () => {}, color: true, width });
    return stripVTControlCharacters(said.out);
  };

  test.each([
    [80, ['probe', '--no-hash']],
    [40, ['probe', '--no-hash']],
    [80, ['clauses']],
    [60, ['clauses', 'virtio/FEAT-D1']],
  ])('of %i columns has no line of %j that is wider', async (width, argv) => {
    const out = await shown(width, ...argv);

    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(width);
    expect(out.replaceAll(/\s/g, '')).toBe((await guestrig(...argv)).out.replaceAll(/\s/g, ''));
  });
});
