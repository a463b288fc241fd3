import { attachedBehind } from '../../src/conformance/broken/behind.ts';
import { rewriteRings } from '../../src/conformance/broken/rewrite-rings.ts';
import type { DriverModel } from '../../src/conformance/index.ts';
import { FRAME } from '../../src/conformance/reference.ts';
import { NicDriver, virtioScsi } from '../../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../../src/index.ts';
import { neverGivesUp } from '../../src/rules/virtio/init/outcome.mutants.ts';
import { PVIRTQ_DESC_F } from '../../src/virtio/registers.ts';
import { behindEach, type Case, judged, known } from './play.ts';

const { AVAIL, USED } = PVIRTQ_DESC_F;
/** A low limit, so that a driver in a loop is soon detected. */
const PATIENCE = 10_000;
const MIB = 1 << 20;
/** Entries of a ring in which a request of three descriptors wraps. */
const FEW = 4;

/** The same driver, which waits for ever for what it asked for; of a card, for two frames at a time. */
function waiting({ drivers = [], ...model }: DriverModel): DriverModel {
  return {
    ...model,
    drivers: drivers.map((driver) => attachedBehind(driver, neverGivesUp)),
    run: (port, handles, machine) => {
      for (const handle of handles)
        if (handle instanceof NicDriver) {
          handle.post(FRAME);
          handle.post(FRAME);
          handle.flush();
        } else model.run!(port, [handle], machine);
    },
  };
}

const on = (options: MachineOptions) => () =>
  judged({ machine: () => gceN1({ virtio: 'modern', rng: true, patience: PATIENCE, ...options }) });
const PACKED: MachineOptions = { ringFeatures: ['RING_PACKED'] };

/** A driver waits for ever for a device that broke down by its mistake. */
export const WAIT_CASES: readonly Case[] = [
  ...known(
    ['VQ-AVAIL-D1', 'VQ-DESC-D1', 'VQ-FRAME-D1', 'VQ-IMP-3', 'VQ-IMP-21', 'VQ-SPLIT-D1'].map(
      (id) => `virtio/${id}`,
    ),
    on({}),
    waiting,
  ),
  ...known(
    ['virtio/RFEAT-D4', 'virtio/VQ-IMP-13', 'virtio/VQ-IND-D2', 'virtio/VQ-IND-D3'],
    on({ ringFeatures: ['INDIRECT_DESC'] }),
    waiting,
  ),
  ...known(
    ['virtio/RFEAT-D3'],
    on({
      ringFeatures: ['ACCESS_PLATFORM'],
      memory: { below4G: 2 * MIB, above4G: 32 * MIB, driversAbove4G: true },
    }),
    waiting,
  ),
  ...known(['virtio/PACKED-SG-D3', 'virtio/PACKED-SG-D6'], on(PACKED), waiting),
  ...known(['virtio/PACKED-SG-D2'], on({ ...PACKED, scsi: { ringSize: 2 } }), waiting),
  ...known(['virtio/PACKED-IMP-8'], on({ ...PACKED, completion: { latency: 1_000_000 } }), waiting),
  ...known(['virtio/PACKED-IND-D4'], on({ ringFeatures: ['RING_PACKED', 'INDIRECT_DESC'] }), waiting),
  ...behindEach(
    attachedBehind(virtioScsi({ interrupts: 'polled' }), neverGivesUp),
    (host) => {
      for (let i = 0; i < FEW; i++) host.inquiry(1);
    },
    on({ ...PACKED, scsi: { ringSize: FEW } })(),
    {
      'keeps its wrap counter': (port) =>
        rewriteRings(port, {
          'desc.flags': ({ value }) => ((value & (AVAIL | USED)) === USED ? value ^ (AVAIL | USED) : value),
        }),
    },
  ),
];
