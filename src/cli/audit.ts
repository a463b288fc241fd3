import {
  type Architecture,
  type Audit,
  auditJson,
  auditMarkdown,
  audit as auditOf,
  fixOf,
  renderAudit,
} from '../audit/index.ts';
import { auditReport } from '../audit/report/report.ts';
import { readInput } from './input.ts';
import type { Io } from './io.ts';
import { inForm, REPORTERS } from './reporter.ts';
import { sysctlFiles } from './sysctl-files.ts';

export const AUDIT_REPORTERS = [...REPORTERS, 'markdown'] as const;
export type AuditReporter = (typeof AUDIT_REPORTERS)[number];

interface AuditArguments {
  readonly config: string;
  readonly sysctl?: readonly string[];
  readonly initrd?: string;
  readonly arch?: Architecture;
  readonly reporter?: AuditReporter;
  readonly fix?: true;
}

/** `guestrig audit`. @returns whether every line holds. */
export async function audit(args: AuditArguments, io: Io): Promise<boolean> {
  const { config, sysctl, initrd, arch } = args;
  const result = await auditOf({
    config: { path: config, bytes: readInput('config', config) },
    ...(sysctl === undefined ? {} : { sysctl: sysctl.flatMap(sysctlFiles) }),
    ...(initrd === undefined ? {} : { initramfs: { path: initrd, bytes: readInput('initramfs', initrd) } }),
    ...(arch === undefined ? {} : { architecture: arch }),
  });
  io.out(args.fix ? fixText(result) : report(result, args.reporter ?? 'text', io));
  return !result.failed;
}

function report(result: Audit, reporter: AuditReporter, io: Io): string {
  if (reporter === 'markdown') return auditMarkdown(result);
  const forms = {
    report: () => auditReport(result),
    text: () => renderAudit(result, io),
    json: () => auditJson(result),
  };
  return inForm(reporter, forms, io);
}

function fixText(result: Audit): string {
  const { config, sysctl } = fixOf(result);
  return [config, sysctl].filter((text) => text !== '').join('\n');
}
