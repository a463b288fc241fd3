import { Buffer } from 'node:buffer';
import type { Gpa, Width } from '../../../core/bits.ts';
import type { MemoryTap, Sight } from '../../../core/memory-tap.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { PortTape } from '../../../machine/port.ts';
import { traceMachine } from '../../../machine/trace.ts';
import type { GuestReport } from '../../../rules/guest-report.ts';
import {
  type GuestRecord,
  type RamRecord,
  RECORDING_FORMAT,
  type TraceRecord,
} from '../../../trace/index.ts';
import type { QtestMachine } from '../../qtest/machine/qtest-machine.ts';
import { doneBefore, OtherEndTape } from './other-end.ts';
import { plain, plainOptions } from './plain-options.ts';
import { plainLine } from './qemu-line.ts';

type Bytes = Extract<RamRecord, { does: 'write' | 'fill' }>;

/** Records a driver's accesses to RAM, and passes them on to the tap before it. */
class RamTape implements MemoryTap {
  private readonly before: MemoryTap | null;
  private readonly tell: (record: RamRecord) => void;
  private readonly onNarrowed: (sight: Sight) => void;
  /** What was announced. */
  private under: Bytes | null = null;

  constructor(
    before: MemoryTap | null,
    tell: (record: RamRecord) => void,
    onNarrowed: (sight: Sight) => void,
  ) {
    this.before = before;
    this.tell = tell;
    this.onNarrowed = onNarrowed;
  }

  loaded(address: Gpa, width: Width, value: number): void {
    this.tell({ kind: 'ram', does: 'load', address, width, value });
    this.before?.loaded(address, width, value);
  }

  stored(address: Gpa, width: Width, value: number, before: number): void {
    this.tell({ kind: 'ram', does: 'store', address, width, value });
    this.before?.stored(address, width, value, before);
  }

  read(address: Gpa, length: number): void {
    this.tell({ kind: 'ram', does: 'read', address, length });
    this.before?.read(address, length);
  }

  writing(address: Gpa, from: Uint8Array): void {
    this.under = { kind: 'ram', does: 'write', address, data: Buffer.from(from).toString('hex') };
    this.before?.writing(address, from);
  }

  filling(address: Gpa, value: number, length: number): void {
    this.under = { kind: 'ram', does: 'fill', address, value, length };
    this.before?.filling(address, value, length);
  }

  wrote(): void {
    if (this.under !== null) this.tell(this.under);
    this.under = null;
    this.before?.wrote();
  }

  missed(address: Gpa, length: number, write: boolean): void {
    this.tell({ kind: 'ram', does: 'missed', address, length, write });
    this.before?.missed(address, length, write);
  }

  /** That is in the tape of the port. */
  allocated(address: Gpa, length: number): void {
    this.before?.allocated(address, length);
  }

  released(address: Gpa, length: number): void {
    this.tell({ kind: 'ram', does: 'released', address, length });
    this.before?.released(address, length);
  }

  narrowed(sight: Sight): void {
    this.onNarrowed(sight);
    this.before?.narrowed(sight);
  }

  look(atAll: boolean): void {
    this.before?.look(atAll);
  }

  goesOn(): void {
    this.before?.goesOn();
  }
}

/**
 * Reports to `sink` all that a similar machine needs to reach the same verdict: a trace, and its options, its guest's
 * accesses to RAM and waits, and the actions from outside.
 *
 * @param qtest the QEMU command line's machine that it belongs to, if it stands in for QEMU.
 *
 * @example
 * const lines = new JsonLines((line) => file.line(line));
 * recordMachine(machine, (record) => lines.add(record));
 */
export function recordMachine(
  machine: Machine,
  sink: (record: TraceRecord) => void,
  qtest: QtestMachine | null = null,
): void {
  const { journal, chassis } = machine;
  const { port, cpu, plan } = chassis;
  const since = machine.now;
  let sight: 'accesses' | 'stores' | 'changes' = 'accesses';
  let begun = false;
  // Before the first record it is known what kind of guest runs.
  const begin = () => {
    begun = true;
    const { accessTime, profile } = plan;
    const options = { ...plainOptions(machine), seed: machine.seed };
    sink({
      at: since,
      kind: 'machine',
      format: RECORDING_FORMAT,
      profile: profile.name,
      options,
      accessTime,
      ...(qtest !== null && { qemu: plainLine(qtest.line) }),
      sight,
    });
    for (const done of doneBefore(machine)) sink({ at: since, kind: 'outside', ...done });
  };
  const tell = (record: TraceRecord) => {
    if (!begun) begin();
    sink(record);
  };
  let unjudged = false;
  const byFirmware = () => journal.quiet && !unjudged;
  journal.onUnjudged = (begins) => {
    unjudged = begins;
    tell({ at: machine.now, kind: 'unjudged', begins });
  };
  const guest = (record: RamRecord | GuestRecord) => {
    if (!byFirmware()) tell({ at: machine.now, ...record });
  };
  tellTurns(machine, tell);
  traceMachine(machine, (record) =>
    tell(record.kind === 'access' && byFirmware() ? { ...record, firmware: true } : record),
  );
  port.memory.tap = new RamTape(port.memory.tap, guest, (now) => {
    sight = now;
  });
  port.tape = tapeOf(guest);
  cpu.onReturn = () => guest({ kind: 'guest', does: 'return' });
  new OtherEndTape({ machine, qtest }, (of, does, given) =>
    tell({ at: machine.now, kind: 'outside', of, does, with: given }),
  );
  journal.onReport = (told) => {
    const { of, what } = told as GuestReport;
    tell({ at: machine.now, kind: 'told', of, what: plain(what) });
  };
  journal.atEnd((waiting) => tell({ at: machine.now, kind: 'over', waiting }));
}

/**
 * The journal decides before an access whether it is firmware's; but a write itself may show that, when it is
 * already reported.
 */
function tellTurns(machine: Machine, tell: (record: TraceRecord) => void): void {
  const { journal } = machine;
  let within = false;
  machine.observe({
    begin: ({ write }) => {
      journal.isExcused();
      within = write;
    },
    end: () => {
      within = false;
    },
  });
  journal.onTurn = ({ excused: firmware, anew }) =>
    tell({
      at: machine.now,
      kind: 'turn',
      firmware,
      ...(anew && { anew }),
      ...(within && { within }),
    });
}

function tapeOf(tell: (record: RamRecord | GuestRecord) => void): PortTape {
  return {
    given: (address, length) => tell({ kind: 'ram', does: 'given', address, length }),
    handles: (vector) => tell({ kind: 'guest', does: 'handle', vector }),
    masks: (on) => tell({ kind: 'guest', does: on ? 'mask' : 'unmask' }),
    asksTime: () => tell({ kind: 'guest', does: 'time' }),
    executes: (vcpu, instruction, given) =>
      tell({ kind: 'guest', does: 'execute', vcpu, instruction, with: [...given] }),
    waits: (limit) => tell({ kind: 'guest', does: 'wait', limit: Number.isFinite(limit) ? limit : null }),
    looked: (done) => tell({ kind: 'guest', does: 'look', done }),
  };
}
