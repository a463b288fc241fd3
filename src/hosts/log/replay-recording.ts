import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { ClauseId } from '../../rules/index.ts';
import { type MachineRecord, RECORDING_FORMAT } from '../../trace/index.ts';
import { QtestMachine } from '../qtest/machine/qtest-machine.ts';
import { type FindingLines, findingLines, type LogLines, NO_VIRTIO } from './log-lines.ts';
import { inLine } from './logged.ts';
import { WITHOUT_RAM } from './qemu/judged.ts';
import type { Ended } from './record/other-end.ts';
import { lineOf } from './record/qemu-line.ts';
import { Recording } from './recording.ts';
import { type Departure, Replay } from './replay.ts';

export type { Departure };

/** For a clock that the log does not record. */
const DATE = '2020-01-01T00:00:00Z';

/** Builds a machine. @throws MisuseError for an unknown profile or option. */
export type MakeMachine = (profile: string | undefined, options: MachineOptions) => Machine;

/** A run that was replayed. */
export interface Replayed {
  readonly machine: Machine;
  readonly accesses: number;
  readonly departure: Departure | null;
  readonly departures: number;
  /** The clauses that it can judge; null is all. */
  readonly judges: ReadonlySet<ClauseId> | null;
  readonly broken: FindingLines;
  /** What the log lacks, a sentence each. */
  readonly lacks: readonly string[];
}

/** Replays our JSON lines, on a similar machine. The machine is the caller's to close. */
export function replayRecording(lines: LogLines, make: MakeMachine): Replayed {
  const recording = new Recording(lines);
  const first = recording.peek();
  const header = first?.kind === 'machine' && first.format === RECORDING_FORMAT ? first : null;
  if (header !== null) recording.next();
  const ended = inLine(recording.number, () => machineOf(header, make));
  const { machine } = ended;
  const hadVirtio = machine.virtio.length > 0;
  const replay = new Replay(ended, recording, lines);
  const broken = findingLines(machine, () => recording.number);
  replay.run();
  const { accesses, departures } = replay;
  const isBlind = header === null || header.sight === 'changes';
  return {
    machine,
    accesses,
    // Without the contents of RAM, devices soon answer otherwise.
    departure: isBlind ? null : replay.departure,
    departures,
    judges: isBlind ? WITHOUT_RAM : null,
    broken,
    lacks: [
      ...(hadVirtio || machine.virtio.length > 0 ? [] : [NO_VIRTIO]),
      ...lacksOf(header, first?.kind === 'machine'),
    ],
  };
}

function machineOf(header: MachineRecord | null, make: MakeMachine): Ended {
  const ours = (...made: Parameters<MakeMachine>): Ended => ({ machine: make(...made), qtest: null });
  if (header === null) return ours(undefined, { judge: { stores: false } });
  const blind = header.sight === 'changes' ? { judge: { stores: false }, patience: false as const } : {};
  if (header.qemu !== undefined) return qemuOf(header, header.qemu);
  return ours(header.profile, { ...header.options, accessTime: header.accessTime, ...blind });
}

/** An empty list of disks is not the same as no list: the list comes with an adapter. */
function qemuOf({ options, accessTime }: MachineRecord, line: object): Ended {
  const { disks = [], date = DATE, ...rest } = options as MachineOptions;
  const own = { ...rest, ...(disks.length > 0 && { disks }), ...(accessTime > 0 && { accessTime }) };
  const qtest = new QtestMachine(lineOf(line), own, date);
  return { machine: qtest.machine, qtest };
}

function lacksOf(header: MachineRecord | null, isOther: boolean): string[] {
  if (header === null)
    return [
      isOther
        ? 'The log is of a form that this guestrig does not know: rules on what lies in RAM are not reached'
        : 'The log does not say of which machine it is: rules on what lies in RAM are not reached',
    ];
  return header.sight === 'changes'
    ? ['What the guest stored to RAM was not seen: rules on its contents are not reached']
    : [];
}

/** The program whose log format it is; null is an unknown one. */
type LogForm = 'guestrig' | 'qemu' | null;

/** The first lines, in which a log has to show its format: a console may print that much before. */
const LOOKED_AT = 20_000;
/** And their characters, which are kept until then. */
const MOST_KEPT = 1 << 24;
const RECORDED = /^[^{]*\{"at":[\d.]+,"kind":"/;
/** As QEMU's log and simple backends write it: an event's name first, perhaps behind a process and a time. */
const TRACED =
  /(^|[\s:])(pci_cfg_(read|write)|memory_region_ops_(read|write)|virtio_(set_status|queue_notify|notify|pci_\w+)|virtqueue_(pop|fill|flush)) /;

/** The format of a log by its first lines, and all of its lines. */
export function formOf(lines: Generator<string>): { form: LogForm; lines: Generator<string> } {
  const before: string[] = [];
  let form: LogForm = null;
  let kept = 0;
  while (form === null && before.length < LOOKED_AT && kept < MOST_KEPT) {
    const { value, done } = lines.next();
    if (done) break;
    before.push(value);
    kept += value.length;
    form = RECORDED.test(value) ? 'guestrig' : TRACED.test(value) ? 'qemu' : null;
  }
  return { form, lines: both(before, lines) };
}

function* both(before: readonly string[], rest: Generator<string>): Generator<string> {
  yield* before;
  yield* rest;
}
