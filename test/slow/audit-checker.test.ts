import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { audit, fails } from '../../src/audit/index.ts';
import { configOf } from '../../src/audit/rig.ts';
import { Debian } from './debian-packages.ts';
import { workFolder } from './work-folder.ts';

const work = workFolder();

/** kernel-hardening-checker is in no release yet: sid has it. Null where it cannot be had. */
function checker(): string | null {
  const folder = join(work, 'sid');
  mkdirSync(folder);
  try {
    return join(
      Debian.suite(folder, 'sid').unpack('kernel-hardening-checker'),
      'usr/lib/python3/dist-packages',
    );
  } catch {
    return null;
  }
}

const found = checker();

/** Its name for our line, where it makes the same check as the document. */
const SAME: Readonly<Record<string, string>> = {
  CONFIG_STRICT_DEVMEM: 'CONFIG_STRICT_DEVMEM',
  CONFIG_DEVKMEM: 'CONFIG_DEVKMEM',
  CONFIG_DEFAULT_MMAP_MIN_ADDR: 'CONFIG_DEFAULT_MMAP_MIN_ADDR',
  CONFIG_DEBUG_RODATA: 'CONFIG_STRICT_KERNEL_RWX',
  CONFIG_DEBUG_SET_MODULE_RONX: 'CONFIG_STRICT_MODULE_RWX',
  CONFIG_CC_STACKPROTECTOR: 'CONFIG_STACKPROTECTOR',
  CONFIG_COMPAT_VDSO: 'CONFIG_COMPAT_VDSO',
  CONFIG_COMPAT_BRK: 'CONFIG_COMPAT_BRK',
  CONFIG_SYN_COOKIES: 'CONFIG_SYN_COOKIES',
  CONFIG_SECURITY_YAMA: 'CONFIG_SECURITY_YAMA',
  'net.ipv4.tcp_syncookies': 'net.ipv4.tcp_syncookies',
  'kernel.randomize_va_space': 'kernel.randomize_va_space',
  'fs.protected_hardlinks': 'fs.protected_hardlinks',
  'fs.protected_symlinks': 'fs.protected_symlinks',
};

/** Lines for which it wants another value than the document: the document's, then its own. */
const OTHERS: Readonly<Record<string, readonly [number, string]>> = {
  'kernel.kptr_restrict': [1, '2'],
  'kernel.yama.ptrace_scope': [1, '3'],
  'kernel.perf_event_paranoid': [2, '3'],
};

const GOOD_SYSCTLS = [
  'net.ipv4.tcp_syncookies = 1',
  'kernel.randomize_va_space = 2',
  'fs.protected_hardlinks = 1',
  'fs.protected_symlinks = 1',
  ...Object.entries(OTHERS).map(([key, [value]]) => `${key} = ${value}`),
  'net.ipv4.conf.all.secure_redirects = 1',
].join('\n');
const BAD_SYSCTLS = GOOD_SYSCTLS.replaceAll(/= \d/g, '= 0');

const BAD = {
  STRICT_DEVMEM: 'n',
  DEVKMEM: 'y',
  DEFAULT_MMAP_MIN_ADDR: '4096',
  STRICT_KERNEL_RWX: 'n',
  STRICT_MODULE_RWX: 'n',
  STACKPROTECTOR: 'n',
  COMPAT_VDSO: 'y',
  COMPAT_BRK: 'y',
  SYN_COOKIES: 'n',
  SECURITY_YAMA: 'n',
};

/** Kernels and settings for both programs: good, bad, and each single change bad. */
const CASES: readonly (readonly [what: string, changes: Record<string, string>, sysctls: string])[] = [
  ['a good kernel', {}, GOOD_SYSCTLS],
  ['a bad kernel', BAD, BAD_SYSCTLS],
  ...Object.entries(BAD).map(
    ([option, value]) => [`${option}=${value}`, { [option]: value }, GOOD_SYSCTLS] as const,
  ),
];

interface Check {
  readonly option_name: string;
  readonly desired_val: string;
  readonly check_result_bool: boolean;
}

function theirs(changes: Record<string, string>, sysctls: string): Map<string, Check> {
  // It wants a compiler's name in the configuration.
  const config = `${configOf({ DEVMEM: 'y', ...changes })}CONFIG_GCC_VERSION=140200\nCONFIG_CLANG_VERSION=0\n`;
  writeFileSync(join(work, 'config'), config);
  writeFileSync(join(work, 'sysctls'), sysctls);
  const argv = [
    '-c',
    'from kernel_hardening_checker import main; main()',
    '-m',
    'json',
    '-c',
    'config',
    '-s',
    'sysctls',
  ];
  const env = { ...process.env, PYTHONPATH: found! };
  const said = execFileSync('/usr/bin/python3', argv, { cwd: work, env, encoding: 'utf8' });
  return new Map((JSON.parse(said) as Check[]).map((check) => [check.option_name, check]));
}

async function ours(changes: Record<string, string>, sysctls: string): Promise<Map<string, boolean>> {
  const config = { path: 'config', bytes: Buffer.from(configOf({ DEVMEM: 'y', ...changes })) };
  const { lines } = await audit({ config, sysctl: [{ path: 'sysctls', text: sysctls }] });
  return new Map(lines.map(({ name, verdict }) => [name, !fails(verdict)]));
}

const REASON = found === null ? 'kernel-hardening-checker cannot be had here: ' : '';

describe.skipIf(found === null)(`${REASON}kernel-hardening-checker`, () => {
  test.each(CASES)(
    'says of %s what the audit says, where both ask the same',
    async (_what, changes, sysctls) => {
      const [they, we] = [theirs(changes, sysctls), await ours(changes, sysctls)];

      const said = Object.entries(SAME).map(([line, check]) => [line, they.get(check)?.check_result_bool]);

      expect(Object.keys(SAME).map((line) => [line, we.get(line)])).toEqual(said);
    },
  );

  describe('differs from the document', () => {
    let they: Map<string, Check>;
    let we: Map<string, boolean>;
    beforeAll(async () => {
      they = theirs({}, GOOD_SYSCTLS);
      we = await ours({}, GOOD_SYSCTLS);
    });

    test.each(Object.entries(OTHERS))('in the value of %s: %j', (key, [, wanted]) => {
      expect(they.get(key)).toMatchObject({ desired_val: wanted, check_result_bool: false });
      expect(we.get(key)).toBe(true);
    });

    test('in secure_redirects, which it leaves to the reader', () => {
      expect([...they.keys()].filter((key) => key.includes('secure_redirects'))).toEqual([]);
    });
  });
});
