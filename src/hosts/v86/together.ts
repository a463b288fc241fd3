import { checkList } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import { V86Host } from './host.ts';
import type { RunEnd, RunOptions } from './run.ts';

/**
 * Runs hosts whose machines share a clock, as computers run side by side: each is as fast as it would be alone, and one
 * that is idle waits for those that are not. The same run takes the same time. It ends when all have ended, or by
 * `options`; a host that has ended does nothing meanwhile.
 *
 * @example
 * const clock = new Clock();
 * const hub = new Hub();
 * const left = gceN1({ clock, nics: [{ backend: hub.port('left') }] });
 * const right = gceN1({ clock, nics: [{ backend: hub.port('right'), mac: '42:01:0a:80:00:03' }] });
 * const hosts = [await V86Host.create(left, linux), await V86Host.create(right, linux)];
 * await runTogether(hosts, { until: () => left.serial[0]!.text.includes('1 received') });      // ['until', 'until']
 *
 * @returns how each came to its end, in the order of `hosts`.
 * @throws MisuseError for no host, for one that is listed twice, for machines on several clocks, and as `run` does.
 */
export async function runTogether(hosts: readonly V86Host[], options: RunOptions = {}): Promise<RunEnd[]> {
  checkList('hosts', hosts);
  if (hosts.length === 0) throw new MisuseError('hosts', hosts, 'a list of at least one host');
  for (const [i, host] of hosts.entries()) {
    if (!(host instanceof V86Host)) throw new MisuseError(`hosts[${i}]`, host, 'a V86Host');
    if (hosts.indexOf(host) < i) throw new MisuseError(`hosts[${i}]`, 'a host', '', 'is listed twice');
    if (host.machine.chassis.board.clock !== hosts[0]!.machine.chassis.board.clock)
      throw new MisuseError(
        `hosts[${i}]`,
        'a host',
        '',
        "must share hosts[0]'s clock: pass the same clock to both gceN1() calls",
      );
  }
  return V86Host.runAll(hosts, options);
}
