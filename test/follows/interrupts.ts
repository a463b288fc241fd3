import { OCW1, OCW2 } from '../../src/chipset/registers/pic.ts';
import { FRAME } from '../../src/conformance/reference.ts';
import type { GuestPort } from '../../src/core/guest-port.ts';
import { PORT } from '../../src/core/places.ts';
import { virtioNet } from '../../src/guest/index.ts';
import { gceN1, type Machine } from '../../src/index.ts';
import { CLAUSES } from '../../src/rules/index.ts';
import { framesCome } from '../../src/rules/virtio/queue/stock.mutants.ts';
import { writes } from './chipset.ts';
import { behindEach, type Case, judged, known } from './play.ts';

/** Buffers, more frames than those, and a time longer than any driver may be busy elsewhere. */
const [SMALL, FRAMES, LONG] = [16, 20, 2_000_000_000];
/** The first frames come alone. */
const [ALONE, TOGETHER] = [4, 128];
/** Between frames that come to four cards. */
const PAUSE = 50_000;
const CARDS = Array.from({ length: 4 }, () => ({ ringSize: SMALL }));
const ELCR_PORTS: readonly number[] = [PORT.ELCR, PORT.ELCR + 1];
const EOI = OCW2.encode({ EOI: 1 });
/** Of the first card's line, in the mask of the slave. */
const NIC_LEVEL = 1 << 3;
export const [MASTER_DATA, SLAVE_DATA] = [PORT.PIC_MASTER + OCW1.offset, PORT.PIC_SLAVE + OCW1.offset];
/** The vectors of IRQ 0 and 8, where the slave is at the master, and how each of them is told. */
const [FIRST_VECTOR, SLAVE_VECTOR, MASTER_WIRING, SLAVE_WIRING] = [0x20, 0x28, 0x04, 0x02];

/** A few frames, and then as many at once as it has buffers, again and again. */
function framesComeTogether(machine: Machine, use: () => void): void {
  use();
  for (let i = 0; i < FRAMES; i++) {
    machine.nics[0]!.receive(...Array.from({ length: i < ALONE ? 1 : TOGETHER }, () => FRAME));
    machine.port.wait(() => false, LONG);
  }
}

/** Frames that take several buffers each. */
function longFramesCome(machine: Machine, use: () => void): void {
  use();
  for (let i = 0; i < FRAMES; i++) {
    machine.nics[0]!.receive(new Uint8Array(9000));
    machine.port.wait(() => false, LONG);
  }
}

export const fewBuffers = judged({ machine: () => gceN1({ nics: [{ ringSize: SMALL }] }), act: framesCome });

/** Four cards share a line. Frames come to all of them, and then nothing for a while. */
export const shared = judged({
  machine: () => gceN1({ nics: CARDS, completion: { latency: [1000, 20_000] } }),
  act: (machine, use) => {
    use();
    for (let i = 0; i < FRAMES; i++) {
      for (const nic of machine.nics) nic.receive(FRAME, FRAME);
      machine.port.wait(() => false, PAUSE);
    }
    machine.port.wait(() => false, LONG);
  },
});

/** PCI lines are edge-triggered. */
export function takesEdges(port: GuestPort): GuestPort {
  for (const at of ELCR_PORTS) port.out(at, 0, 1);
  return writes((at, value) => (ELCR_PORTS.includes(at) ? null : value))(port);
}

/** A card whose interrupts do not reach its driver is left without buffers. */
export const INTERRUPT_CASES: readonly Case[] = [
  ...known(
    CLAUSES['virtio/NET-RXB-D5'].follows!.filter((head) => /^(apic|ioapic|msix)\//.test(head)),
    () => fewBuffers,
  ),
  ...behindEach(virtioNet({ interrupts: 'intx' }), () => {}, fewBuffers, {
    'pic/BASE-SAME': writes((at, value) =>
      at === SLAVE_DATA && value === SLAVE_VECTOR ? FIRST_VECTOR : value,
    ),
    'pic/CASCADE': writes((at, value) =>
      at === SLAVE_DATA && value === SLAVE_WIRING ? MASTER_WIRING : value,
    ),
    'pic/CASCADE-CLOSED': writes((at, value) =>
      at === MASTER_DATA && value > SLAVE_VECTOR ? value | MASTER_WIRING : value,
    ),
    'live/UNHEARD': writes((at, value) =>
      at === SLAVE_DATA && value > SLAVE_VECTOR ? value | NIC_LEVEL : value,
    ),
    'pic/EOI': writes((at, value) => (at === PORT.PIC_MASTER + OCW2.offset && value === EOI ? null : value)),
  }),
  ...behindEach(virtioNet({ interrupts: 'intx' }), () => {}, shared, { 'pirq/ELCR': takesEdges }),
  ...known(['virtio/PCI-ISR-IMP-1'], () =>
    judged({
      machine: () =>
        gceN1({
          nics: [{ ringSize: SMALL }],
          completion: { latency: 10_000, interrupts: { configuration: 2 } },
        }),
      act: framesComeTogether,
    }),
  ),
  ...known(
    ['virtio/VQ-IMP-34'],
    () =>
      judged({
        machine: () =>
          gceN1({
            virtio: 'modern',
            ringFeatures: ['EVENT_IDX'],
            nics: [{ ringSize: TOGETHER }],
            completion: { latency: [1000, 500_000] },
          }),
        act: framesComeTogether,
      }),
    (model) => ({ ...model, run: () => {} }),
  ),
  ...known(['virtio/VQ-IMP-37'], () =>
    judged({
      machine: () => gceN1({ nics: [{ ringSize: SMALL }] }),
      act: longFramesCome,
    }),
  ),
];
