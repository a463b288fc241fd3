/**
 * Will this kernel run on Compute Engine? Its configuration, initramfs and sysctls, before anything boots.
 *
 * @experimental All of it: a minor version may change each name.
 */

export { type Audit, type AuditInput, type AuditLine, audit, type InputFile } from './audit.ts';
export type { KernelConfig, OptionLine } from './config.ts';
export { fixOf } from './fix.ts';
export type { Place } from './place.ts';
export { auditJson, auditJunit, auditMarkdown, renderAudit } from './report/report.ts';
export {
  ARCHITECTURES,
  type Architecture,
  type AuditedMachine,
  type Group,
  type MachinePart,
  type OptionRule,
  type SysctlRule,
} from './rules/rule.ts';
export { SYSCTL_DIRECTORIES, type SysctlFile } from './sysctl.ts';
export { fails, placeOf, type Verdict, verdictNote, verdictText } from './verdict.ts';
export type { KernelVersion } from './version.ts';
