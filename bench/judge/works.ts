import { barAddress, enumerate, nvme, virtioNet, virtioScsi } from '../../src/guest/index.ts';
import { gceN1, type Machine, type MachineOptions } from '../../src/index.ts';
import { NVME_ID } from '../../src/nvme/registers/bar0.ts';
import {
  legacyQueueLayout,
  QUEUE_NOTIFY,
  VIRTQ_DESC_F,
  virtq_avail,
  virtq_desc,
} from '../../src/virtio/registers.ts';
import { bdfOf, deviceAt } from '../paths/works/ring.ts';
import type { Variant } from './cells.ts';

const { NEXT, WRITE } = VIRTQ_DESC_F;
const POLLED = { interrupts: 'polled' } as const;
const TRANSMIT = 1;
const REQUEST = 2;
/** Address of the device cells' buffers: RAM that no allocation reaches. */
const BUFFERS = 0x400_0000;
/** With MRG_RXBUF, which the card offers and the driver accepts. */
const HEADER_BYTES = 12;
const BLOCK = 512;
const BLOCKS = 8;
const LUN = [1, 1, 0x40, 0, 0, 0, 0, 0];
const RESPONSE_BYTES = 108;

/** So long that the guest makes the next access first, at a microsecond each. */
const HELD: MachineOptions = { completion: { latency: 500 } };

/** Repeats the work so many times. */
export type Work = (times: number) => void;

/** A machine with that judge. */
function machineFor(variant: Variant, options: MachineOptions): Machine {
  const judge = variant === 'off' ? false : { stores: variant !== 'on' };
  // Rings are filled without the machine's knowledge, and each kick repeats the last one.
  const machine = gceN1({
    judge,
    patience: false,
    disks: [{ bytes: 1 << 20 }],
    nvme: [{ namespaces: [{ bytes: 1 << 20 }] }],
    ...options,
  });
  if (variant === 'compared') machine.chassis.port.memory.direct();
  return machine;
}

/** A buffer of a chain. */
interface Part {
  readonly bytes: number;
  readonly writable: boolean;
}

interface Ring {
  readonly at: number;
  readonly size: number;
  /** Chains made available before each kick. Default 1. */
  readonly batch?: number;
}

/** One chain in every slot of a ring; each index update is followed by `kick`. */
function kicks(machine: Machine, ring: Ring, parts: readonly Part[], kick: () => void): Work {
  const { batch = 1 } = ring;
  const range = machine.chassis.board.memory.ranges[0]!;
  const { view, halves } = range;
  const { avail } = legacyQueueLayout(ring.size);
  for (const [i, { bytes, writable }] of parts.entries()) {
    const at = ring.at + i * virtq_desc.size;
    const last = i + 1 === parts.length;
    view.setUint32(at, BUFFERS + i * 8192, true);
    view.setUint32(at + 4, 0, true);
    view.setUint32(at + 8, bytes, true);
    view.setUint16(at + 12, (writable ? WRITE : 0) | (last ? 0 : NEXT), true);
    view.setUint16(at + 14, last ? 0 : i + 1, true);
  }
  const idx = (ring.at + avail + virtq_avail.offset.idx) / 2;
  for (let slot = 0; slot < ring.size; slot++) halves[idx + 1 + slot] = 0;
  return (times) => {
    for (let i = 0; i < times; i += batch) {
      halves[idx] = halves[idx]! + batch;
      kick();
    }
  };
}

/** A kick of the function at `bdf`, by writing the queue's index. */
function notifyPort(machine: Machine, bdf: number): number {
  return barAddress(machine.port, bdf, 0)!.address + QUEUE_NOTIFY.offset;
}

function frame(machine: Machine, { kept = true, batch = 1 } = {}): Work {
  const bdf = bdfOf(machine, 'net');
  virtioNet(POLLED).attach(machine.port, bdf);
  const device = deviceAt(machine, bdf);
  if (!kept) device.wire!.onFrame = null;
  const { address: at, size } = device.queues[TRANSMIT]!;
  const parts = [HEADER_BYTES, 1500].map((bytes) => ({ bytes, writable: false }));
  const notify = notifyPort(machine, bdf);
  return kicks(machine, { at, size, batch }, parts, () => machine.port.out(notify, TRANSMIT, 2));
}

function scsiRead(machine: Machine): Work {
  const bdf = bdfOf(machine, 'scsi');
  // Unit attentions are received first.
  virtioScsi(POLLED).attach(machine.port, bdf).read(1, 0, 1);
  const device = deviceAt(machine, bdf);
  const { bytes } = machine.chassis.board.memory.ranges[0]!;
  bytes.set(LUN, BUFFERS);
  bytes.set([0x28, 0, 0, 0, 0, 0, 0, 0, BLOCKS, 0], BUFFERS + 19);
  const parts = [
    { bytes: 51, writable: false },
    { bytes: RESPONSE_BYTES, writable: true },
    { bytes: BLOCKS * BLOCK, writable: true },
  ];
  const { address: at, size } = device.queues[REQUEST]!;
  const notify = notifyPort(machine, bdf);
  const work = kicks(machine, { at, size }, parts, () => machine.port.out(notify, REQUEST, 2));
  work(1);
  const status = bytes.slice(BUFFERS + 8192, BUFFERS + 8192 + 12);
  if (status.some((byte) => byte !== 0)) throw new Error(`READ(10) is answered with ${status}`);
  return work;
}

function driverSends(machine: Machine): Work {
  const bdf = bdfOf(machine, 'net');
  const nic = virtioNet(POLLED).attach(machine.port, bdf);
  deviceAt(machine, bdf).wire!.onFrame = null;
  const bytes = Uint8Array.from({ length: 60 }, (_, i) => i);
  return (times) => {
    for (let i = 0; i < times; i++) nic.send(bytes);
  };
}

function driverReads(machine: Machine): Work {
  const host = virtioScsi(POLLED).attach(machine.port, bdfOf(machine, 'scsi'));
  return (times) => {
    for (let i = 0; i < times; i++) host.read(1, 0, BLOCKS);
  };
}

function nvmeDriverReads(machine: Machine): Work {
  const { bdf } = enumerate(machine.port).find(
    ({ id }) => id.vendor === NVME_ID.vendor && id.device === NVME_ID.device,
  )!;
  const disk = nvme(POLLED).attach(machine.port, bdf);
  return (times) => {
    for (let i = 0; i < times; i++) disk.read(1, 0, BLOCKS);
  };
}

const WORKS: Readonly<Record<string, (machine: Machine) => Work>> = {
  frame: (machine) => frame(machine),
  'frame, held': (machine) => frame(machine),
  'frame, lost': (machine) => frame(machine, { kept: false }),
  '32 frames, lost': (machine) => frame(machine, { kept: false, batch: 32 }),
  'scsi read': scsiRead,
  'driver sends': driverSends,
  'driver reads': driverReads,
  'nvme driver reads': nvmeDriverReads,
};

/** The work of a cell, and a final check of its results. */
export function workFor(cell: string, variant: Variant): { readonly work: Work; readonly check: () => void } {
  const machine = machineFor(variant, cell === 'frame, held' ? HELD : {});
  const work = WORKS[cell]!(machine);
  const check = () => {
    if (machine.findings.length > 0) throw new Error(`${cell} is at fault: ${machine.findings[0]!.said}`);
  };
  return { work, check };
}
