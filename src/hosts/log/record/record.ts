import type { Machine } from '../../../machine/machine.ts';
import type { PortTape } from '../../../machine/port-tape.ts';
import { traceMachine } from '../../../machine/trace.ts';
import type { Told } from '../../../rules/told.ts';
import type { GuestRecord, RamRecord, TraceRecord } from '../../../trace/index.ts';
import { RECORDING_FORMAT } from '../../../trace/index.ts';
import type { QtestMachine } from '../../qtest/machine/qtest-machine.ts';
import { doneBefore, OtherEndTape } from './other-end.ts';
import { plain, plainOptions } from './plain-options.ts';
import { plainLine } from './qemu-line.ts';
import { RamTape } from './ram-tape.ts';

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
  const guest = (record: RamRecord | GuestRecord) => {
    if (!journal.quiet) tell({ at: machine.now, ...record });
  };
  tellTurns(machine, tell);
  traceMachine(machine, (record) =>
    tell(record.kind === 'access' && journal.quiet ? { ...record, firmware: true } : record),
  );
  port.memory.tap = new RamTape(port.memory.tap, guest, (now) => {
    sight = now;
  });
  port.tape = tapeOf(guest);
  cpu.onReturn = () => guest({ kind: 'guest', does: 'return' });
  new OtherEndTape({ machine, qtest }, (of, does, given) =>
    tell({ at: machine.now, kind: 'outside', of, does, with: given }),
  );
  journal.onTold = (told) => {
    const { of, what } = told as Told;
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
    waits: (limit) => tell({ kind: 'guest', does: 'wait', limit: Number.isFinite(limit) ? limit : null }),
    looked: (done) => tell({ kind: 'guest', does: 'look', done }),
  };
}
