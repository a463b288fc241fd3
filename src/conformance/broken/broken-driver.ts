import type { Driver } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { virtioNet, virtioRng, virtioScsi } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { ClauseId } from '../../rules/index.ts';
import type { DriverModel } from '../model/model.ts';
import { FRAME } from '../reference.ts';
import { attachedBehind } from './behind.ts';

/** A driver with one deliberate mistake, and the clause that it breaks. */
export interface BrokenDriver {
  readonly model: DriverModel;
  /** The good driver in its place, used alike: where the use is the mistake, it is made here, too. */
  readonly good?: DriverModel;
  readonly clause: ClauseId;
  /**
   * The machine that shows it. Default `usualMachine()`: RAM above 4 GiB, decoy features, a balloon that asks for
   * pages.
   */
  readonly machine?: () => Machine;
  /** The actions at that machine's other end, as in a scenario. */
  readonly act?: (machine: Machine, use: () => void) => void;
}

const MIB = 1 << 20;

type Mistake = (port: GuestPort, bdf: number) => GuestPort;

/** A way to break `good`: it works behind a port that makes one mistake for it; `use` then uses it. */
export function breaking<Handle>(
  good: Driver<Handle>,
  use: (handle: Handle) => void,
  machine?: () => Machine,
): (name: string, clause: ClauseId, mistake: Mistake) => BrokenDriver {
  const run: DriverModel['run'] = (_port, handles) => {
    for (const handle of handles) use(handle as Handle);
  };
  return (name, clause, mistake) => ({
    clause,
    ...(machine !== undefined && { machine }),
    model: { name, drivers: [attachedBehind({ ...good, name }, mistake)], run },
    good: { name: 'good', drivers: [good], run },
  });
}

/** The good network driver, with a message for each queue. */
export const brokenMsixNet = breaking(virtioNet({ interrupts: 'msix' }), (nic) => nic.post(FRAME));

/** The good network driver. It sends a frame and does not wait. */
export const brokenNet = breaking(virtioNet({ interrupts: 'polled' }), (nic) => nic.post(FRAME));

/** A machine of modern functions that also has an entropy device; further options change others. */
export function modernMachine(options: MachineOptions = {}): () => Machine {
  return () => gceN1({ virtio: 'modern', rng: true, ...options });
}

/** The same driver behind the modern interface. */
export const brokenModernNet = breaking(
  virtioNet({ interrupts: 'polled' }),
  (nic) => nic.post(FRAME),
  modernMachine(),
);

/** The good entropy driver behind the modern interface: it supports every transport feature, and has one queue. */
export function brokenModernRng(options: MachineOptions): ReturnType<typeof breaking> {
  return breaking(virtioRng({ interrupts: 'polled' }), (rng) => rng.read(32), modernMachine(options));
}

/** The good SCSI driver. It sends INQUIRY to the first disk: a request of three buffers. */
export const asksDisk = breaking(virtioScsi({ interrupts: 'polled' }), (host) => host.inquiry(1));

/** The same with a request of two. */
export const tapsDisk = breaking(virtioScsi({ interrupts: 'polled' }), (host) => host.testUnitReady(1));

/** The good network driver. It sends two frames and does not wait. */
export const sendsTwice = breaking(virtioNet({ interrupts: 'polled' }), (nic) => {
  nic.post(FRAME);
  nic.post(FRAME);
});

/**
 * A machine on which most mistakes show: a truncated address is outside RAM, there are features that no driver may
 * accept, and the balloon asks for pages.
 */
export function usualMachine(): Machine {
  const machine = gceN1({
    memory: { below4G: 2 * MIB, above4G: 32 * MIB, driversAbove4G: true },
    reservedFeatures: true,
    balloon: true,
  });
  machine.balloon!.target = 2;
  return machine;
}
