import { describe, expect, test } from 'vitest';
import { inOrder, Settings, type SysctlFile } from './sysctl.ts';

const KEY = 'net.ipv4.conf.all.rp_filter';
const file = (text: string, path = 'a.conf'): SysctlFile => ({ path, text });
const valueIn = (text: string, key = KEY) => new Settings([file(text)]).get(key)?.value;

describe('a setting', () => {
  test.each([
    'net.ipv4.conf.all.rp_filter=1',
    '  net.ipv4.conf.all.rp_filter  =  1  ',
    'net/ipv4/conf/all/rp_filter = 1',
    '-net.ipv4.conf.all.rp_filter = 1',
    '# = 2\n; = 3\n\nnet.ipv4.conf.all.rp_filter = 1',
    'sysctl: permission denied on key a\nnet.ipv4.conf.all.rp_filter = 1',
    'net.ipv4.conf.all.rp_filter = 2\nnet.ipv4.conf.all.rp_filter = 1',
  ])('is read from %j', (text) => {
    expect(valueIn(text)).toBe('1');
  });

  test('has its line', () => {
    expect(new Settings([file(`\n${KEY} = 1`)]).get(KEY)).toEqual({
      file: 'a.conf',
      line: 2,
      text: `${KEY} = 1`,
      value: '1',
    });
  });

  test('may be a pattern, which does not apply to a key that is set itself, in any file', () => {
    const text = `${KEY} = 1\nnet.ipv4.conf.*.rp_filter = 2`;

    expect([KEY, 'net.ipv4.conf.default.rp_filter'].map((key) => valueIn(text, key))).toEqual(['1', '2']);
  });

  test('may be excluded from a pattern', () => {
    expect(valueIn(`net.ipv4.conf.*.rp_filter = 2\n-${KEY}`)).toBeUndefined();
  });

  test.each([
    ['net.ipv4.conf.a*l.rp_filter', '1'],
    ['net.ipv4.conf.all.*', '1'],
    ['net.ipv4.conf.all*.rp_*ilt*r', '1'],
    ['*.*.*.*.*', '1'],
    ['net.*.rp_filter', undefined],
    ['net.ipv4.conf.al*ll.rp_filter', undefined],
    ['net.ipv4.conf.*x*.rp_filter', undefined],
    ['net.ipv4.conf.*.rp', undefined],
  ])('of a pattern matches within one part of a name: %s', (pattern, value) => {
    expect(valueIn(`${pattern} = 1`)).toBe(value);
  });

  test.each([
    ['hello', 'sysctl a.conf:1 must be a setting (key = value); got "hello"'],
    ['a = 1\n= 2', 'sysctl a.conf:2 must be a setting (key = value); got "= 2"'],
    ['two words = 1', 'sysctl a.conf:1 must be a setting (key = value); got "two words = 1"'],
  ])('that is invalid is refused with its line: %j', (text, line) => {
    expect(() => new Settings([file(text)])).toThrow(line);
  });
});

describe('the order of files', () => {
  const of = (...files: [directory: string | null, name: string][]) =>
    inOrder(
      files.map(([directory, name]) => ({
        path: directory === null ? name : `${directory}/${name}`,
        text: '',
        ...(directory === null ? {} : { directory }),
      })),
    ).map(({ path }) => path);

  test('goes by name over all directories', () => {
    expect(
      of(['/usr/lib/sysctl.d', '60-b.conf'], ['/etc/sysctl.d', '70-c.conf'], ['/etc/sysctl.d', '10-a.conf']),
    ).toEqual(['/etc/sysctl.d/10-a.conf', '/usr/lib/sysctl.d/60-b.conf', '/etc/sysctl.d/70-c.conf']);
  });

  test.each([
    ['/lib/sysctl.d', '/usr/lib/sysctl.d'],
    ['/usr/lib/sysctl.d', '/usr/local/lib/sysctl.d'],
    ['/usr/local/lib/sysctl.d', '/run/sysctl.d'],
    ['/run/sysctl.d', '/etc/sysctl.d'],
    ['image/usr/lib/sysctl.d', 'image/etc/sysctl.d'],
    ['/etc/sysctl.d', 'mine'],
  ])('ignores a file of %s if %s has one of its name', (weak, strong) => {
    expect(of([weak, 'a.conf'], [strong, 'a.conf'])).toEqual([`${strong}/a.conf`]);
    expect(of([strong, 'a.conf'], [weak, 'a.conf'])).toEqual([`${strong}/a.conf`]);
  });

  test('has explicitly named files last, in their order', () => {
    expect(of([null, 'z'], ['/etc/sysctl.d', '99.conf'], [null, 'a'])).toEqual([
      '/etc/sysctl.d/99.conf',
      'z',
      'a',
    ]);
  });
});
