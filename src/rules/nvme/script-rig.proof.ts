import { AccessTrail } from '../../core/access.ts';
import { Journal } from '../../core/journal.ts';
import { GuestMemory } from '../../core/memory.ts';
import type { Decoded } from '../../core/struct.ts';
import type { NvmeEvents } from '../../nvme/events.ts';
import * as reg from '../../nvme/registers/bar0.ts';
import { ADMIN, cqe, NVM, sqe } from '../../nvme/registers/commands.ts';
import { StoreWatch } from '../virtio/stores/store-watch.ts';
import type { NvmeFacts } from './facts.ts';
import { judgeNvme } from './nvme.ts';

const BYTES = 1 << 18;
/** Where queues lie, of which the last was not cleared. */
export const [SUBMISSIONS, COMPLETIONS, STALE] = [0x1_0000, 0x2_0000, 0x3_0000];
/** CC as a driver has it that runs the controller. */
export const RUNNING = 0x0046_0001;
/** Beyond RAM. */
export const NOWHERE = BYTES;

type Fields = Partial<Decoded<(typeof sqe)['members']>>;

/** A watch, its memory, and memory that is given back. */
export interface NvmeScript {
  readonly events: NvmeEvents;
  readonly memory: GuestMemory;
  readonly stores: StoreWatch;
  /** MSI-X is in use. */
  canSignal: boolean;
  csts: number;
  /** The controller looks at doorbells late. */
  isLate: boolean;
  heldBack: string | null;
  /** The machine is turned off. */
  turnOff(): void;
  free(address: number): void;
  /** The run is over. */
  end(): void;
}

export function makeWatch(journal: Journal): NvmeScript {
  const memory = GuestMemory.of(BYTES);
  memory.ranges[0]!.bytes[STALE + cqe.offset.status] = 1;
  const stores = new StoreWatch(memory, 'le', journal);
  let sleeps = () => {};
  const facts: NvmeFacts = {
    subject: 'nvme0',
    memory,
    queues: 2,
    entries: 1024,
    stride: 4,
    bytesMost: 1 << 17,
    requests: 4,
    aborts: 4,
    opcodes: Object.values(NVM).filter((opcode) => opcode < NVM.RESERVATION_REGISTER),
    sgl: false,
    weighted: false,
    fused: false,
    get isLate() {
      return script.isLate;
    },
    namespacesMost: 8,
    get csts() {
      return script.csts;
    },
    heldBack: () => script.heldBack,
    onSleep: (listener) => {
      sleeps = listener;
    },
    vectors: 3,
    get canSignal() {
      return script.canSignal;
    },
    namespaceAt: (nsid) => (nsid === 1 ? { blocks: 2048, blockSize: 512 } : null),
    stores,
  };
  const script = {
    events: judgeNvme(facts, journal),
    memory,
    stores,
    canSignal: false,
    csts: 1,
    isLate: false,
    heldBack: null as string | null,
    turnOff: () => sleeps(),
    free: (address: number) => {
      stores.released(address, 16);
    },
    end: () => journal.end(),
  };
  return script;
}

/** A register of 32 bits is written, with this CSTS. */
export function write(
  events: NvmeEvents,
  register: { offset: number },
  value: number,
  csts = 0,
  open = true,
): void {
  events.registerWritten(register as never, register.offset, 4, value, csts, open);
}

/** CAP is read, the admin queue placed, CC.EN set. */
export function enable(
  { events }: NvmeScript,
  { cc = RUNNING, aqa = 0x0007_0007, csts = 0, open = true, hasCap = true } = {},
): void {
  if (hasCap) events.registerRead(reg.CAP, reg.CAP.offset, 4, csts);
  write(events, reg.AQA, aqa, csts, open);
  write(events, reg.ASQ, SUBMISSIONS, csts, open);
  write(events, reg.ACQ, COMPLETIONS, csts, open);
  write(events, reg.CC, cc, csts, open);
}

/** The same, and its admin queue is made. */
export function run(script: NvmeScript, how: Parameters<typeof enable>[1] = {}): void {
  enable(script, how);
  script.events.started(true);
  script.events.queueMade(false, 0, COMPLETIONS, 8);
  script.events.queueMade(true, 0, SUBMISSIONS, 8);
}

/** A command is carried out, and answered unless it waits. */
export function give({ events }: NvmeScript, fields: Fields, queue = 0): void {
  const bytes = sqe.encode(fields);
  events.commanded(queue, new DataView(bytes.buffer));
  const waits = queue === 0 && fields.opcode === ADMIN.ASYNC_EVENT_REQUEST;
  if (!waits) events.answered(queue, fields.cid ?? 0, 0, 0);
}

/** Queues are asked for, and the first pair is made. */
export function makePair(script: NvmeScript, completion: Fields = {}, submission: Fields = {}): void {
  give(script, { opcode: ADMIN.SET_FEATURES, cdw10: 7, cdw11: 0x1_0001 });
  give(script, {
    opcode: ADMIN.CREATE_CQ,
    cdw10: 0x7_0001,
    cdw11: 1,
    prp1: BigInt(COMPLETIONS),
    ...completion,
  });
  script.events.queueMade(false, 1, COMPLETIONS + reg.PAGE, 8);
  give(script, {
    opcode: ADMIN.CREATE_SQ,
    cdw10: 0x7_0001,
    cdw11: 0x1_0001,
    prp1: BigInt(SUBMISSIONS),
    ...submission,
  });
  script.events.queueMade(true, 1, SUBMISSIONS + reg.PAGE, 8);
}

/** A controller with a pair of I/O queues. */
export function prepared(script: NvmeScript): void {
  run(script);
  makePair(script);
}

/** What is said of a driver with a pair of I/O queues, by what it does. */
export function saidOf(does: (script: NvmeScript) => void): readonly string[] {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const script = makeWatch(journal);
  prepared(script);
  does(script);
  return journal.findings.map(({ clause, said }) => `${clause}: ${said}`);
}
