import type { Access } from '../core/access.ts';
import { describe } from '../core/access.ts';
import type { Nanos } from '../core/bits.ts';
import { commandName } from '../scsi/cdb/registers.ts';
import { MODEM_PINS, type Modem } from '../serial/modem.ts';
import type { Signal, TraceRecord } from '../trace/index.ts';
import type { VirtioDevice } from '../virtio/device.ts';
import type { QueueEvents } from '../virtio/queue/events.ts';
import { VirtioFunction } from '../virtio/transport/function.ts';
import type { Machine } from './machine.ts';

/** As many bytes of a descriptor block as the longest that is of fixed length. */
const CDB_SHOWN = 16;

type UntimedRecord = TraceRecord extends infer One
  ? One extends TraceRecord
    ? Omit<One, 'at'>
    : never
  : never;

/**
 * Reports to `sink` all that happens in a machine from now on: accesses, frames, serial bytes, interrupts and their
 * lines, chains of the queues, SCSI commands, findings, resets and sleep. A machine that is traced is slower.
 *
 * @example
 * const machine = gceN1();
 * const writer = new TraceEvents((line) => file.line(line));
 * traceMachine(machine, (record) => writer.add(record));
 * // the guest runs
 * writer.end();
 */
export function traceMachine(machine: Machine, sink: (record: TraceRecord) => void): void {
  const tell = (told: UntimedRecord) => sink({ at: machine.now, ...told } as TraceRecord);
  traceAccesses(machine, tell);
  traceRim(machine, tell);
  for (const line of machine.chassis.interrupts.isa)
    line.onLevel = (level) => tell({ kind: 'level', line: line.name, level });
  for (const { name, device } of machine.chassis.serial) tracePins(name, device.lines, tell);
  for (const fn of machine.chassis.bus.all())
    if (fn instanceof VirtioFunction) fn.device.watch(new ChainTrace(fn.device, () => machine.now, tell));
}

/** A write is reported before it takes effect; a read when its value is known. */
function traceAccesses(machine: Machine, tell: (told: UntimedRecord) => void): void {
  const told = (access: Access) => {
    const { space, write, address, width, value } = access;
    tell({ kind: 'access', space, write, address, width, value, text: describe(access) });
  };
  machine.observe({
    begin: (access) => access.write && told(access),
    end: (access) => !access.write && told(access),
  });
}

function traceRim({ events }: Machine, tell: (told: UntimedRecord) => void): void {
  events
    .on('frame', (nic, frame, sent) => tell({ kind: 'frame', nic, sent, data: frame }))
    .on('serial', (port, byte) => tell({ kind: 'serial', port, byte }))
    .on('interrupt', (vector) => tell({ kind: 'interrupt', vector }))
    .on('finding', ({ severity, clause, subject, said }) =>
      tell({ kind: 'finding', severity, clause, subject, said }),
    )
    .on('command', ({ target, lun, cdb, since, response, status }) => {
      const bytes = Buffer.from(cdb.subarray(0, CDB_SHOWN)).toString('hex');
      const disk = `target ${target} LUN ${lun}`;
      tell({ kind: 'command', disk, name: commandName(cdb), cdb: bytes, since, response, status });
    })
    .on('reset', (kind) => tell({ kind: 'power', what: `${kind} reset` }))
    .on('sleep', (type) => tell({ kind: 'power', what: `sleep ${type}` }))
    .on('wake', () => tell({ kind: 'power', what: 'wake' }));
}

function tracePins(port: string, modem: Modem, tell: (told: UntimedRecord) => void): void {
  let before = modem.pins;
  modem.onPins = (pins) => {
    for (const [bit, pin] of MODEM_PINS.entries())
      if (((pins ^ before) >> bit) & 1)
        tell({ kind: 'level', line: `${port} ${pin}`, level: ((pins >> bit) & 1) === 1 });
    before = pins;
  };
}

/** The lines that a trace of a machine has, as they are now: of interrupts, and the pins of UARTs. */
export function signalsOf(machine: Machine): Signal[] {
  const { interrupts, serial } = machine.chassis;
  const irqs = interrupts.isa.map(({ name, level }) => ({ line: name, scope: 'interrupts', name, level }));
  const pins = serial.flatMap(({ name, device }) =>
    MODEM_PINS.map((pin, bit) => ({
      line: `${name} ${pin}`,
      scope: name,
      name: pin,
      level: ((device.lines.pins >> bit) & 1) === 1,
    })),
  );
  return [...irqs, ...pins];
}

/** How long a device holds each chain. */
class ChainTrace implements QueueEvents {
  private readonly device: VirtioDevice;
  private readonly now: () => Nanos;
  private readonly tell: (told: UntimedRecord) => void;
  private readonly since = new Map<number, Nanos>();

  constructor(device: VirtioDevice, now: () => Nanos, tell: (told: UntimedRecord) => void) {
    this.device = device;
    this.now = now;
    this.tell = tell;
  }

  taken(queue: number, { id }: { readonly id: number }): void {
    this.since.set(key(queue, id), this.now());
  }

  used(queue: number, id: number, written: number): void {
    const since = this.since.get(key(queue, id)) ?? this.now();
    this.since.delete(key(queue, id));
    this.tell({ kind: 'chain', queue: this.device.queueName(queue), id, since, written });
  }

  forgotten(queue: number): void {
    for (const one of this.since.keys()) if (one >> 16 === queue) this.since.delete(one);
  }

  placed(): void {}

  putBack(): void {}

  published(): void {}

  dry(): void {}

  fault(): void {}
}

function key(queue: number, id: number): number {
  return (queue << 16) | id;
}
