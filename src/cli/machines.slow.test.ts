import { describe, expect, test } from 'vitest';
import { guestrig, inFolderOf } from './rig.ts';

const DEEP = 100_000;

inFolderOf({
  'deep.json': `{ "seed": ${'['.repeat(DEEP)}${']'.repeat(DEEP)} }`,
  'long.json': `{ "seed": "${'7'.repeat(1 << 20)}" }`,
  'wide.json': JSON.stringify({ nics: Array.from({ length: 100_000 }, () => ({ mac: '42:01' })) }),
  'name.json': `{ "${'n'.repeat(1 << 20)}": 1 }`,
  'infinite.json': '{ "seed": 1e999 }',
  'heir.json': '{ "__proto__": { "seed": 1 } }',
  'zero.json': '{ "disks": [{ "file": "a\\u0000b" }] }',
  'control.json': '{ "disks": [{ "file": "\\u001b[2J" }] }',
  'bytes.json': Uint8Array.from({ length: 256 }, (_, i) => i),
});

describe('options are refused in one line, cut where it would be long', () => {
  test.each([
    ['deep', /^options deep\.json: is more than 32 levels deep$/],
    ['long', /^options long\.json: seed must be a whole number from 0 to 4294967295; got "7+…$/],
    ['wide', /^options wide\.json: nics\[0\]\.mac must be six hex bytes/],
    ['name', /^options name\.json: options: "n+… is not an option$/],
    ['infinite', /^options infinite\.json: seed must be a whole number from 0 to 4294967295; got Infinity$/],
    ['heir', /^options heir\.json: options: "__proto__" is not an option$/],
    ['zero', /^disk a\\u\{0\}b: is no name of a file$/],
    ['control', /^disk \\u\{1b\}\[2J: no such file$/],
    ['bytes', /^options bytes\.json: not JSON: /],
  ])('%s', async (name, line) => {
    const { status, out, err } = await guestrig('probe', '--options', `${name}.json`);

    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err.trimEnd()).toMatch(line);
  });
});
