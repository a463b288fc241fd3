import { beforeAll, describe, expect, test } from 'vitest';
import { virtioNetDriver, virtioScsiDriver } from '../../src/guest/index.ts';
import { gceN1 } from '../../src/machine/gce-n1.ts';
import { traceMachine } from '../../src/machine/trace.ts';
import { TraceEvents } from '../../src/trace/index.ts';

/**
 * The requirements of the document "Trace Event Format", by which ui.perfetto.dev and chrome://tracing read a file. Their
 * own readers are not available here.
 */
interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly cat?: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly id?: number | string;
  readonly s?: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** Of a name that a viewer gives to a process or a thread; all other events have a time. */
const METADATA = 'M';
/** Complete, instant, nestable asynchronous from beginning to end, metadata. */
const PHASES = ['X', 'i', 'b', 'e', METADATA];
/** Thread, process, all. */
const SCOPES = ['t', 'p', 'g'];
const FRAME = new Uint8Array(60).fill(0xff, 0, 12);

let text = '';
let events: TraceEvent[] = [];

/** Frames, SCSI commands with interrupts, lines and pins, text, findings, and a reset in the middle of a line that is high. */
beforeAll(() => {
  const lines: string[] = [];
  const machine = gceN1({ nics: [{ backend: 'loopback' }], completion: { latency: 5000 } });
  const writer = new TraceEvents((line) => lines.push(line));
  traceMachine(machine, (record) => writer.add(record));
  const nic = machine.attach(virtioNetDriver);
  const disk = machine.attach(virtioScsiDriver);
  for (let i = 0; i < 20; i++) nic.send(FRAME);
  disk.inquiry(1);
  disk.readCapacity(1);
  for (const sign of 'hello\nthere') machine.port.out(0x3f8, sign.charCodeAt(0), 1);
  machine.port.out(0x3f9, 2, 1);
  machine.port.out(0x3fc, 0x0b, 1);
  // Of a disk that is asked for two things at a time.
  const asked = {
    kind: 'command',
    disk: 'target 1 LUN 0',
    name: 'READ(10)',
    cdb: '28',
    response: 0,
    status: 0,
  } as const;
  writer.add({ ...asked, at: 9_000_000, since: 8_000_000 });
  writer.add({ ...asked, at: 9_500_000, since: 8_500_000 });
  writer.end();
  text = lines.join('\n');
  events = JSON.parse(text);
});

const timed = () => events.filter(({ ph }) => ph !== METADATA);
const of = (...phases: string[]) => events.filter(({ ph }) => phases.includes(ph));
const faults = (all: readonly TraceEvent[], holds: (event: TraceEvent) => boolean) =>
  all.filter((event) => !holds(event));

describe('a trace for Perfetto', () => {
  test('is an array of events, of defined phases', () => {
    expect(Array.isArray(events)).toBe(true);
    expect(faults(events, ({ ph }) => PHASES.includes(ph))).toEqual([]);
    expect(new Set(events.map(({ ph }) => ph))).toEqual(new Set(PHASES));
  });

  test('has process, thread and name with each event, and with all but names a time in microseconds', () => {
    const whole = ({ pid, tid, name }: TraceEvent) =>
      Number.isInteger(pid) && Number.isInteger(tid) && typeof name === 'string';
    const inTime = ({ ts }: TraceEvent) => typeof ts === 'number' && Number.isFinite(ts) && ts >= 0;

    expect(faults(events, whole)).toEqual([]);
    expect(faults(timed(), inTime)).toEqual([]);
    expect(Math.max(...timed().map(({ ts }) => ts!))).toBeLessThan(1e7);
  });

  test('gives each thread its name, and its position, before its first event', () => {
    const named = (tid: number, name: string) =>
      events.findIndex((event) => event.ph === METADATA && event.tid === tid && event.name === name);
    const first = (tid: number) => events.findIndex((event) => event.ph !== METADATA && event.tid === tid);
    const threads = [...new Set(timed().map(({ tid }) => tid))];
    const orders = threads.map((tid) => [
      named(tid, 'thread_name'),
      named(tid, 'thread_sort_index'),
      first(tid),
    ]);

    expect(
      orders.filter((order) => order.includes(-1) || order.toSorted((a, b) => a - b)[2] !== order[2]),
    ).toEqual([]);
    expect(of(METADATA).filter(({ name, args }) => !args || !(name.replace('thread_', '') in args))).toEqual(
      [],
    );
  });

  test('has a duration with each complete event, none of which overlaps another on its thread', () => {
    const complete = of('X');
    const crosses = (one: TraceEvent, other: TraceEvent) =>
      one.tid === other.tid &&
      one.ts! < other.ts! &&
      other.ts! < one.ts! + one.dur! &&
      one.ts! + one.dur! < other.ts! + other.dur!;

    expect(faults(complete, ({ dur }) => typeof dur === 'number' && dur >= 0)).toEqual([]);
    expect(complete.filter((one) => complete.some((other) => crosses(one, other)))).toEqual([]);
  });

  test('ends each asynchronous event that begins, once, later, by the same id, category and process', () => {
    const key = ({ cat, id, pid }: TraceEvent) => `${cat} ${id} ${pid}`;
    const [begun, ended] = [of('b'), of('e')];
    const ends = new Map(ended.map((event) => [key(event), event]));

    expect(begun.length).toBeGreaterThan(20);
    expect([new Set(begun.map(key)).size, ends.size]).toEqual([begun.length, ended.length]);
    expect(begun.map(key).toSorted()).toEqual(ended.map(key).toSorted());
    expect(faults(begun, (one) => one.ts! <= ends.get(key(one))!.ts!)).toEqual([]);
  });

  test('has instants on each thread in the order of their times, each with a scope', () => {
    const instants = of('i');
    const threads = [...new Set(instants.map(({ tid }) => tid))].map((tid) =>
      instants.filter((one) => one.tid === tid),
    );
    const disordered = threads.filter((all) => all.some(({ ts }, i) => i > 0 && ts! < all[i - 1]!.ts!));

    expect(faults(instants, ({ s }) => SCOPES.includes(s!))).toEqual([]);
    expect(disordered).toEqual([]);
  });

  test('can be read up to its end if it was cut between two lines', () => {
    const cut = text.split('\n').slice(0, 50).join('\n');

    expect(JSON.parse(`${cut}]`)).toHaveLength(49);
  });
});
