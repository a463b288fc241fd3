import type { CommandLine } from '../../qtest/command-line/command-line.ts';
import type { Properties } from '../../qtest/command-line/properties.ts';

import { LOGGED_DEVICE } from '../logged.ts';
import { pruned } from './plain-options.ts';

type Named = [name: string, properties: Properties][];

/** A command line as a log has it: what builds the machine. Its NICs have no peer, and its disks are empty. */
interface PlainLine extends Pick<CommandLine, 'profile' | 'memory' | 'vcpus' | 'date' | 'devices'> {
  readonly drives: Named;
  readonly netdevs: Named;
}

/** The backend of a log's NICs. */
export const UNPLUGGED: Properties = { type: 'user' };

/** A drive that reads as zeros, of the stated size. */
export function emptyDrive({ size }: Properties): Properties {
  return { driver: 'null-co', ...(size !== undefined && { size }) };
}

export function plainLine({
  profile,
  memory,
  vcpus,
  date,
  devices,
  drives,
  netdevs,
}: CommandLine): PlainLine {
  const empty: Named = [...drives].map(([id, drive]) => [id, emptyDrive(drive)]);
  const unplugged: Named = [...netdevs.keys()].map((id) => [id, UNPLUGGED]);
  const heard = devices.map((device) => pruned(LOGGED_DEVICE, device) as Properties);
  return { profile, memory, vcpus, date, devices: heard, drives: empty, netdevs: unplugged };
}

/** The command line whose record this is. */
export function lineOf(plain: object): CommandLine {
  const { drives, netdevs, ...rest } = plain as PlainLine;
  return {
    ...rest,
    firmware: null,
    drives: new Map(drives),
    netdevs: new Map(netdevs),
    chardevs: new Map(),
    qtest: null,
    qmp: [],
    paused: false,
  };
}
