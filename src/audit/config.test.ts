import { describe, expect, test } from 'vitest';
import { parseConfig } from './config.ts';

const HEADER = '# Linux/x86 6.12.118 Kernel Configuration\n';
const of = (text: string) => parseConfig('c', text);

describe('a configuration', () => {
  test('has the value and the line of each option', () => {
    const { options } = of(`#\n${HEADER}CONFIG_X86_64=y\n\n# CONFIG_A is not set\nCONFIG_B="x=y # z"\n`);

    expect([...options.values()]).toEqual([
      { file: 'c', line: 3, text: 'CONFIG_X86_64=y', value: 'y' },
      { file: 'c', line: 5, text: '# CONFIG_A is not set', value: 'n' },
      { file: 'c', line: 6, text: 'CONFIG_B="x=y # z"', value: '"x=y # z"' },
    ]);
  });

  test('counts the last of two lines, as kconfig does', () => {
    const { options } = of(`${HEADER}CONFIG_X86_64=y\nCONFIG_A=y\n# CONFIG_A is not set\n`);

    expect(options.get('A')).toMatchObject({ value: 'n', line: 4 });
  });

  test('may have been written on Windows', () => {
    const { options } = of(`${HEADER}CONFIG_X86_64=y\n`.replaceAll('\n', '\r\n'));

    expect(options.get('X86_64')!.value).toBe('y');
  });

  test.each([
    ['# Linux/x86 6.12.118+deb13 Kernel Configuration', '6.12.118+deb13', 6_012_118],
    ['# Linux/x86_64 3.10.0-693.el7.x86_64 Kernel Configuration', '3.10.0-693.el7.x86_64', 3_010_000],
    ['# Linux kernel version: 2.6.32-431.el6', '2.6.32-431.el6', 2_006_032],
    ['# Linux/x86 7.2 Kernel Configuration', '7.2', 7_002_000],
  ])('has its version in its header: %s', (header, text, rank) => {
    expect(of(`${header}\nCONFIG_X86_64=y\n`).version).toEqual({ text, rank });
  });

  test.each([
    [`${HEADER}CONFIG_X86_64=y\n`, 'x86_64'],
    [`${HEADER}CONFIG_X86_32=y\n`, 'i386'],
    ['# Linux/arm64 6.1.0 Kernel Configuration\nCONFIG_ARM64=y\n', 'arm64'],
    ['# Linux/i386 3.2.0 Kernel Configuration\nCONFIG_A=y\n', 'i386'],
  ])('has its architecture: %j', (text, architecture) => {
    expect(of(text).architecture).toBe(architecture);
  });

  test('gets an architecture if it has none', () => {
    expect(parseConfig('c', `${HEADER}CONFIG_A=y\n`, 'arm64').architecture).toBe('arm64');
  });

  test.each([
    ['', 'config c: holds no option of a kernel'],
    [`${HEADER}`, 'config c: holds no option of a kernel'],
    [`${HEADER}CONFIG_A=y\nhello\n`, 'config c:3 must be a line of a kernel configuration; got "hello"'],
    [
      'CONFIG_X86_64=y\n',
      'config c: no line names the version (example # Linux/x86 6.12.0 Kernel Configuration)',
    ],
    [`${HEADER}CONFIG_A=y\n`, 'config c: names no architecture of Compute Engine (x86_64, i386, arm64)'],
  ])('is refused in one line when it is invalid: %j', (text, line) => {
    expect(() => of(text)).toThrow(line);
  });

  test('is for one architecture', () => {
    expect(() => parseConfig('c', `${HEADER}CONFIG_X86_64=y\n`, 'arm64')).toThrow(
      'config c: is for x86_64, not arm64',
    );
  });
});
