import { enumerate, nvme, virtioNet, virtioScsi } from '../../src/guest/index.ts';
import { gceN1, type Machine, type MachineOptions } from '../../src/index.ts';
import { NVME_ID } from '../../src/nvme/registers/bar0.ts';
import { bdfOf, deviceAt, HandRing, type Part } from '../paths/works/ring.ts';
import type { Variant } from './cells.ts';

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

/** One chain in every slot of a queue's ring; each update of the index is followed by a kick. */
function kicks(
  machine: Machine,
  bdf: number,
  queue: number,
  parts: readonly Omit<Part, 'at'>[],
  batch = 1,
): Work {
  const ring = new HandRing(machine, bdf, queue);
  ring.fill([parts.map((part, i) => ({ at: BUFFERS + i * 8192, ...part }))]);
  return (times) => {
    for (let i = 0; i < times; i += batch) {
      ring.offer(batch);
      ring.kick();
    }
  };
}

function frame(machine: Machine, { kept = true, batch = 1 } = {}): Work {
  const bdf = bdfOf(machine, 'net');
  virtioNet(POLLED).attach(machine.port, bdf);
  if (!kept) deviceAt(machine, bdf).wire!.onFrame = null;
  const parts = [HEADER_BYTES, 1500].map((bytes) => ({ bytes, writable: false }));
  return kicks(machine, bdf, TRANSMIT, parts, batch);
}

function scsiRead(machine: Machine): Work {
  const bdf = bdfOf(machine, 'scsi');
  // Unit attentions are received first.
  virtioScsi(POLLED).attach(machine.port, bdf).read(1, 0, 1);
  const { bytes } = machine.chassis.board.memory.ranges[0]!;
  bytes.set(LUN, BUFFERS);
  bytes.set([0x28, 0, 0, 0, 0, 0, 0, 0, BLOCKS, 0], BUFFERS + 19);
  const parts = [
    { bytes: 51, writable: false },
    { bytes: RESPONSE_BYTES, writable: true },
    { bytes: BLOCKS * BLOCK, writable: true },
  ];
  const work = kicks(machine, bdf, REQUEST, parts);
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
