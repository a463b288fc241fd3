import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { github } from '../../report/github.ts';
import { sarif } from '../../report/sarif.ts';
import { auditOf, configOf } from '../rig.ts';
import { auditJson, auditJunit, auditMarkdown, auditReport, renderAudit } from './report.ts';

const CHANGES = { PCI_MSI: 'n', GVE: 'm', LSM: '"<&|yamato"' };
const result = await auditOf(configOf(CHANGES), {
  sysctl: [{ path: 's', text: 'kernel.kptr_restrict = 0' }],
});

describe('a report', () => {
  test('as text has a line for each, with failures in words and their reasons', () => {
    const text = renderAudit(result, { color: false });

    expect(text).toMatch(/^guestrig \d+\.\d+\.\d+ audit {2}config, Linux 6\.12\.1, x86_64\n/);
    expect(text).toMatch(/\n {2}FAIL {2}CONFIG_PCI_MSI +y +contradicts +config:10, it is not set\n/);
    expect(text).toMatch(
      /\n {8}CONFIG_KVM_CLOCK +y +satisfied by successor KVM_GUEST since 3\.7 +config:4\n/,
    );
    expect(text).toMatch(/\n {2}CONFIG_PCI_MSI: an interrupt for each queue\n/);
  });

  test('in colours has the same text', () => {
    const text = renderAudit(result, { color: true });

    expect(text).not.toBe(stripVTControlCharacters(text));
    expect(stripVTControlCharacters(text)).toBe(renderAudit(result, { color: false }));
  });

  test('of an image that passes says so', async () => {
    const text = renderAudit(await auditOf(configOf()), { color: false });

    expect(text).toMatch(/\nNothing is missing and nothing contradicts\.\n$/);
  });

  test('as JSON has every line with its place', () => {
    const { failed, lines } = JSON.parse(JSON.stringify(auditJson(result)));

    expect([failed, lines.length]).toEqual([true, 52]);
    expect(lines[5]).toMatchObject({
      name: 'CONFIG_PCI_MSI',
      verdict: 'contradicts',
      fails: true,
      at: { file: 'config', line: 10, text: '# CONFIG_PCI_MSI is not set' },
    });
  });

  test('as JUnit has a case for each line, and escapes markup', () => {
    const xml = auditJunit(result);
    const count = (tag: string) => xml.split(`<${tag}`).length - 1;
    const failures = result.lines.filter(({ verdict }) => /missing|contradicts/.test(verdict.kind)).length;

    expect([count('testcase '), count('failure '), count('testsuite ')]).toEqual([52, failures, 4]);
    expect(xml).not.toMatch(/&(?!amp;|lt;|gt;|quot;)|"<|<&/);
  });

  test('for GitHub and SARIF has each failure at its line of the configuration', () => {
    const report = auditReport(result);
    const { results } = sarif(report).runs[0]!;

    expect(github(report)).toContain(
      '::error file=config,line=10,col=1,title=CONFIG_PCI_MSI::contradicts%0AMUST be y.\n',
    );
    expect(results.map(({ ruleId }) => ruleId)).toContain('CONFIG_PCI_MSI');
    expect(results).toHaveLength(report.lines.filter(({ outcome }) => outcome === 'fail').length);
  });

  test('as Markdown has tables whose cells stay intact', () => {
    const rows = auditMarkdown(result)
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    const columns = new Set(rows.map((row) => row.split(/(?<!\\)\|/).length));

    expect([rows.length, [...columns]]).toEqual([52, [6]]);
  });
});
