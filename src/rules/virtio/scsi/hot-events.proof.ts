import type { Journal } from '../../../core/journal.ts';
import type { Pieces, SeenRequest } from '../../../virtio/scsi/events.ts';
import { type Script, scripts } from '../../script.proof.ts';
import { type HOT_EVENTS, HotEventWatch } from './hot-events.ts';

const MILLISECOND = 1_000_000;
const NOTHING: Pieces = { count: 0, total: 0, length: [] };
/** Kinds of events and their reasons, and commands by their opcodes. */
const [NO_EVENT, TRANSPORT_RESET, PARAM_CHANGE] = [0, 1, 3];
const [RESCAN, CAPACITY_CHANGED] = [1, 0x092a];
const [TEST_UNIT_READY, INQUIRY, READ_CAPACITY, READ, REPORT_LUNS] = [0x00, 0x12, 0x25, 0x28, 0xa0];

/** A driver that gets an event and continues. Each command comes a millisecond after the step before. */
class Told {
  private readonly watch: HotEventWatch;
  private time = 0;

  constructor(journal: Journal) {
    Object.defineProperty(journal, 'now', { get: () => this.time });
    this.watch = new HotEventWatch(() => 'scsi0', journal);
  }

  of(event: number, reason: number, missed = false): this {
    this.watch.eventTold(event, 2, 0, reason, missed);
    return this;
  }

  sends(opcode: number, target: number): this {
    this.time += MILLISECOND;
    this.watch.requested(request(opcode, target));
    return this;
  }

  ends(): void {
    this.watch.ended();
  }
}

function request(opcode: number, target: number): SeenRequest {
  const command = { cdb: Uint8Array.of(opcode), dataIn: NOTHING, dataOut: NOTHING };
  return { target, lun: 0, tagLow: 0, tagHigh: 0, readable: NOTHING, writable: NOTHING, command };
}

/** After the event the driver uses another disk; in the good run it first sends `looks` to the event's unit. */
function after(event: number, reason: number, looks: number, missed = false): Script<Told> {
  return {
    breaks: (told) => told.of(event, reason, missed).sends(READ, 1).ends(),
    keeps: (told) => told.of(event, reason, missed).sends(looks, 2).sends(READ, 1).ends(),
  };
}

export const HOT_EVENT_PROOFS = scripts<Told, keyof typeof HOT_EVENTS>((journal) => new Told(journal), {
  'virtio/SCSI-FEAT-D1': after(TRANSPORT_RESET, RESCAN, INQUIRY),
  'virtio/SCSI-FEAT-D2': after(PARAM_CHANGE, CAPACITY_CHANGED, READ_CAPACITY),
  'virtio/SCSI-EVT-D5': after(NO_EVENT, 0, TEST_UNIT_READY, true),
  'virtio/SCSI-EVT-D7': {
    breaks: (told) => told.of(TRANSPORT_RESET, RESCAN).sends(TEST_UNIT_READY, 2).sends(READ, 1).ends(),
    keeps: (told) => told.of(TRANSPORT_RESET, RESCAN).sends(REPORT_LUNS, 2).sends(READ, 1).ends(),
  },
});
