import type { SysctlRule } from './rule.ts';

const source = 'Requirements to build custom images, sysctl settings';
const group = 'sysctls';

/** A setting for all interfaces and for later ones; `initial` in this order. */
function ofBoth(
  name: string,
  wanted: number,
  initial: readonly [all: number, byDefault: number],
  why: string,
): SysctlRule[] {
  return ['all', 'default'].map((which, i) => ({
    group,
    key: `net.ipv4.conf.${which}.${name}`,
    wanted,
    initial: { value: initial[i]! },
    why,
    source,
  }));
}

/** The 22 settings of the document. The kernel's defaults are from its sources, net/ipv4 and kernel. */
export const SYSCTLS: readonly SysctlRule[] = [
  {
    group,
    key: 'net.ipv4.tcp_syncookies',
    wanted: 1,
    initial: { value: 1, since: '2.6.33' },
    why: 'a flood of half-open connections does not block others',
    source,
  },
  ...ofBoth('accept_source_route', 0, [0, 1], 'a sender does not choose the way through our networks'),
  ...ofBoth('accept_redirects', 0, [1, 1], 'a neighbour does not change our routes'),
  ...ofBoth('secure_redirects', 1, [1, 1], 'where redirects are taken, only gateways give them'),
  ...ofBoth('send_redirects', 0, [1, 1], 'a machine that is no router sends none'),
  ...ofBoth('rp_filter', 1, [0, 0], 'a source address that its way back contradicts is forged'),
  ...ofBoth('log_martians', 1, [0, 0], 'impossible addresses are worth a line in the log'),
  {
    group,
    key: 'net.ipv4.ip_forward',
    wanted: 0,
    initial: { value: 0 },
    why: 'a machine that is no router forwards nothing',
    source,
  },
  {
    group,
    key: 'net.ipv4.icmp_echo_ignore_broadcasts',
    wanted: 1,
    initial: { value: 1 },
    why: 'no answer to a ping that was sent to everyone',
    source,
  },
  {
    group,
    key: 'net.ipv4.icmp_ignore_bogus_error_responses',
    wanted: 1,
    initial: { value: 1 },
    why: 'routers that answer broadcasts do not fill the log',
    source,
  },
  {
    group,
    key: 'kernel.randomize_va_space',
    wanted: 2,
    initial: { value: 2, unless: 'COMPAT_BRK' },
    why: 'stack, libraries, vDSO and heap lie somewhere else each time',
    source,
  },
  {
    group,
    key: 'fs.protected_hardlinks',
    wanted: 1,
    initial: { value: 0, since: '3.7' },
    why: 'no hard link to what its maker may not write',
    source,
  },
  {
    group,
    key: 'fs.protected_symlinks',
    wanted: 1,
    initial: { value: 0, since: '3.7' },
    why: 'no foreign symbolic link is followed in /tmp',
    source,
  },
  {
    group,
    key: 'kernel.kptr_restrict',
    wanted: 1,
    more: true,
    initial: { value: 0, since: '3.0' },
    why: "the kernel's addresses are hidden from unprivileged programs",
    source,
  },
  {
    group,
    key: 'kernel.yama.ptrace_scope',
    wanted: 1,
    more: true,
    initial: { value: 1 },
    needs: 'SECURITY_YAMA',
    why: 'a program traces its children and no other program',
    source,
  },
  {
    group,
    key: 'kernel.perf_event_paranoid',
    wanted: 2,
    more: true,
    initial: { value: 2, since: '4.6' },
    why: "users measure their own programs, not the kernel's",
    source,
  },
];
