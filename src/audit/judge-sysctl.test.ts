import { describe, expect, test } from 'vitest';
import { auditOf, configOf, lineOf } from './rig.ts';
import { SYSCTLS } from './rules/sysctls.ts';
import { verdictNote, verdictText } from './verdict.ts';

async function said(
  key: string,
  text: string,
  changes: Record<string, string | null> = {},
  version?: string,
) {
  const result = await auditOf(configOf(changes, version), { sysctl: [{ path: 's', text }] });
  const { verdict } = lineOf(result, key);
  return [verdictText(verdict), verdictNote(verdict)];
}

describe('a line about a sysctl', () => {
  test('is not judged without settings', async () => {
    const { lines } = await auditOf(configOf());

    expect(lines.filter(({ group }) => group === 'sysctls')).toEqual([]);
  });

  test('exists for each of the 22 settings, which differ', async () => {
    const { lines } = await auditOf(configOf(), { sysctl: [] });
    const names = lines.filter(({ group }) => group === 'sysctls').map(({ name }) => name);

    expect([names.length, new Set(names).size]).toEqual([22, 22]);
  });

  test('holds in every case when the file says what the document does', async () => {
    const text = SYSCTLS.map(({ key, wanted }) => `${key} = ${wanted}`).join('\n');
    const { lines } = await auditOf(configOf(), { sysctl: [{ path: 's', text }] });
    const verdicts = lines.filter(({ group }) => group === 'sysctls').map(({ verdict }) => verdict);

    expect(verdicts.filter(({ kind }) => kind !== 'satisfied')).toEqual([]);
    expect(verdicts[0]).toMatchObject({ at: { file: 's', line: 1 } });
  });

  test.each([
    ['net.ipv4.ip_forward', '0', 'satisfied', ''],
    ['net.ipv4.ip_forward', '1', 'contradicts', 'it is 1'],
    ['net.ipv4.ip_forward', '', 'contradicts', 'it is empty'],
    ['net.ipv4.ip_forward', '0 # no', 'contradicts', 'it is 0 # no'],
    ['net.ipv4.conf.all.rp_filter', '2', 'contradicts', 'it is 2'],
    ['net.ipv4.conf.all.secure_redirects', '0', 'contradicts', 'it is 0'],
    ['kernel.kptr_restrict', '2', 'satisfied', '2 is stricter'],
    ['kernel.kptr_restrict', '0', 'contradicts', 'it is 0'],
    ['kernel.yama.ptrace_scope', '3', 'satisfied', '3 is stricter'],
    ['kernel.perf_event_paranoid', '3', 'satisfied', '3 is stricter'],
    ['kernel.perf_event_paranoid', '1', 'contradicts', 'it is 1'],
  ])('judges %s = %s', async (key, value, verdict, note) => {
    expect(await said(key, `${key} = ${value}`)).toEqual([verdict, note]);
  });

  test.each([
    ['net.ipv4.ip_forward', {}, '6.12.1', ['satisfied', 'it is not set; the default is right']],
    [
      'net.ipv4.conf.all.accept_source_route',
      {},
      '6.12.1',
      ['satisfied', 'it is not set; the default is right'],
    ],
    [
      'net.ipv4.conf.default.accept_source_route',
      {},
      '6.12.1',
      ['missing', 'it is not set; the default is 1'],
    ],
    ['net.ipv4.tcp_syncookies', {}, '2.6.33', ['satisfied', 'it is not set; the default is right']],
    ['net.ipv4.tcp_syncookies', {}, '2.6.32', ['missing', 'it is not set']],
    ['fs.protected_symlinks', {}, '3.7.0', ['missing', 'it is not set; the default is 0']],
    ['fs.protected_symlinks', {}, '3.6.0', ['missing', 'it is not set']],
    ['kernel.kptr_restrict', {}, '3.0.0', ['missing', 'it is not set; the default is 0']],
    ['kernel.kptr_restrict', {}, '2.6.32', ['missing', 'it is not set']],
    ['kernel.perf_event_paranoid', {}, '4.6.0', ['satisfied', 'it is not set; the default is right']],
    ['kernel.perf_event_paranoid', {}, '4.5.0', ['missing', 'it is not set']],
    ['kernel.randomize_va_space', {}, '6.12.1', ['satisfied', 'it is not set; the default is right']],
    ['kernel.randomize_va_space', { COMPAT_BRK: 'y' }, '6.12.1', ['missing', 'it is not set']],
  ])(
    "takes the kernel's default if %s is not set, with %j and %s",
    async (key, changes, version, verdict) => {
      expect(await said(key, '', changes, version)).toEqual(verdict);
    },
  );

  test('is missing if the kernel lacks the key, whatever a file sets', async () => {
    const verdict = await said('kernel.yama.ptrace_scope', 'kernel.yama.ptrace_scope = 1', {
      SECURITY_YAMA: 'n',
    });

    expect(verdict).toEqual(['missing', 'kernel.yama.ptrace_scope does not exist without SECURITY_YAMA']);
  });
});
