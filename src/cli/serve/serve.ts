import { verdictsOf } from '../../conformance/index.ts';
import { MisuseError } from '../../core/misuse.ts';
import { type ServedKind, type VfioUserEnd, VfioUserHost } from '../../hosts/vfio-user/index.ts';
import type { Machine } from '../../machine/machine.ts';
import type { ClauseId } from '../../rules/index.ts';
import type { BootEnd } from '../boot-end.ts';
import { passed, renderBoot } from '../boot-report.ts';
import type { Io } from '../io.ts';
import { type OnMachineArguments, onMachine } from '../on-machine.ts';
import type { Reporter } from '../reporter.ts';
import { seabiosNote } from '../seabios-ring.ts';
import { secondsText } from '../time-text.ts';
import { ServedTurn } from './served-turn.ts';

interface ServeArguments extends OnMachineArguments {
  readonly device: ServedKind;
  readonly socket: string;
  readonly waive?: readonly (readonly [clause: ClauseId, reason: string])[];
  readonly reporter?: Reporter;
}

const SAID: Readonly<Record<VfioUserEnd, string>> = {
  gone: 'The client went away',
  closed: 'The run was stopped',
};
const MANDATORY: Partial<Record<ServedKind, object>> = { rng: { rng: true }, balloon: { balloon: true } };

/** `guestrig serve vfio-user`. @returns whether no rule was broken. */
export async function serve(args: ServeArguments, io: Io): Promise<boolean> {
  const { device, socket, waive = [], reporter = 'text' } = args;
  checkNetwork(args);
  const more = { firmware: false, ...MANDATORY[device] };
  return onMachine(args, io, more, async (machine) => {
    const host = await VfioUserHost.listen(machine, { device, socket });
    const turn = device === 'scsi' ? new ServedTurn(machine) : null;
    const note = turn === null ? '' : seabiosNote(machine);
    io.err(`${note}guestrig: ${device} waits at ${socket}\n`);
    const end = serveEnd(await untilEnd(host, io), machine);
    turn?.close();
    const verdicts = verdictsOf(machine.journal, Object.fromEntries(waive));
    const report = { command: 'serve', machine, end, verdicts };
    io.out(renderBoot(report, reporter, io));
    return passed(report);
  });
}

function checkNetwork({ device, net }: ServeArguments): void {
  if (net !== undefined && device !== 'net')
    throw new MisuseError('--net', net, '', 'goes with --device net');
}

async function untilEnd(host: VfioUserHost, { keyboard }: Io): Promise<VfioUserEnd> {
  const unlisten = keyboard?.listen(
    () => {},
    () => host.close(),
  );
  try {
    return await host.ended;
  } finally {
    unlisten?.();
  }
}

function serveEnd(how: VfioUserEnd, { now: time }: Machine): BootEnd {
  return {
    how: how === 'gone' ? 'off' : 'stopped',
    said: `${SAID[how]}, after ${secondsText(time)}`,
    complaints: [],
    expected: 'is served to its end',
    lastLine: '',
    time,
    crash: null,
  };
}
