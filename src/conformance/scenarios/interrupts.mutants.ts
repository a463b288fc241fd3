import type { Gpa } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { virtioBalloon, virtioNet, virtioRng, virtioScsi } from '../../guest/index.ts';
import type { MachineOptions } from '../../machine/options.ts';
import {
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  QUEUE_MSIX_VECTOR,
  QUEUE_SELECT,
  VIRTQ_AVAIL_F_NO_INTERRUPT,
} from '../../virtio/registers.ts';
import {
  device_feature,
  device_feature_select,
  device_status,
} from '../../virtio/transport/modern/registers.ts';
import { attachedBehind, behind, headerAddress, rewriteHeader } from '../broken/behind.ts';
import { answerCommon, CommonRegister, rewriteCommon } from '../broken/behind-modern.ts';
import { entriesOf } from '../broken/rewrite-rings.ts';
import { referenceUses, useDevices } from '../reference.ts';
import { driverBehind, stateless } from './rig.ts';

const RNG: MachineOptions = { rng: true };
const MODERN_RNG: MachineOptions = { rng: true, virtio: 'modern' };
const NEEDS_RESET = 0x40;
const ACCESS_PLATFORM = 1 << 1;
/** Bytes of the balloon's configuration, and where it is without MSI-X. */
const [CONFIG, AT] = [8, 0x14];

/** The queue's vector reads as it was written, regardless of the device's answer. */
function believesVectors(port: GuestPort, bdf: number): GuestPort {
  const at = headerAddress(port, bdf) + QUEUE_MSIX_VECTOR.offset;
  let written = 0;
  return behind(port, {
    out: (address, value, width) => {
      if (address === at) written = value;
      port.out(address, value, width);
    },
    in: (address, width) => {
      const read = port.in(address, width);
      return address === at ? written : read;
    },
  });
}

/** Ignores DEVICE_NEEDS_RESET, and resets the device only if it runs. */
function overlooksIllness(port: GuestPort, bdf: number): GuestPort {
  const status = new CommonRegister(port, bdf, device_status);
  const well = (ask: () => number) => ask() & ~NEEDS_RESET;
  const writes = rewriteCommon(port, bdf, device_status, (value) =>
    value === 0 && status.read() === NEEDS_RESET ? null : value,
  );
  return answerCommon(writes, bdf, device_status, well);
}

/** Assumes, of each two reads of the whole configuration, that the second equals the first. */
function readsOnce(port: GuestPort, bdf: number): GuestPort {
  const base = headerAddress(port, bdf) + AT;
  const first: number[] = [];
  let reads = 0;
  return behind(port, {
    in: (address, width) => {
      const offset = address - base;
      if (width !== 1 || offset < 0 || offset >= CONFIG) return port.in(address, width);
      if (Math.floor(reads++ / CONFIG) % 2 === 1) return first[offset]!;
      first[offset] = port.in(address, width);
      return first[offset]!;
    },
  });
}

/** Does not see that the device wants addresses of its platform. */
function overlooksPlatform(port: GuestPort, bdf: number): GuestPort {
  const word = new CommonRegister(port, bdf, device_feature_select);
  return answerCommon(port, bdf, device_feature, (ask) =>
    word.read() === 1 ? ask() & ~ACCESS_PLATFORM : ask(),
  );
}

/** While a handler runs, no ring asks for interrupts; afterwards each does again, and is not looked into. */
function hushesInHandlers(port: GuestPort): GuestPort {
  const { memory } = port;
  const hints: Gpa[] = [];
  const hint = (value: number) => {
    for (const at of hints) memory.store(at, value, 2);
  };
  return behind(port, {
    allocate: (bytes, align) => {
      const at = port.allocate(bytes, align);
      const size = align === LEGACY_QUEUE_ALIGN ? entriesOf(bytes) : undefined;
      if (size !== undefined) hints.push(at + legacyQueueLayout(size).avail);
      return at;
    },
    handle: (vector, handler) =>
      port.handle(vector, () => {
        hint(VIRTQ_AVAIL_F_NO_INTERRUPT);
        handler();
        hint(0);
      }),
  });
}

export const MUTANTS = stateless([
  {
    scenario: 'functions without MSI-X',
    also: ['functions without MSI-X, whose configuration may have changed when a buffer comes back'],
    machine: RNG,
    model: driverBehind(
      'knows no lines',
      virtioRng({ interrupts: 'msix' }),
      (port) => port,
      (rng) => rng.read(32),
    ),
  },
  {
    scenario: 'functions with one vector',
    machine: RNG,
    model: driverBehind(
      'takes the second vector',
      virtioRng(),
      (port, bdf) => rewriteHeader(port, bdf, QUEUE_MSIX_VECTOR, () => 1),
      (rng) => rng.read(32),
    ),
  },
  {
    scenario: 'more frames at once than a ring has room for',
    also: ['so many frames that the indices of a ring begin anew'],
    by: /^virtio\/VQ-IMP-34$/,
    model: {
      name: 'asks for interrupts once it is done, and does not look again',
      drivers: [attachedBehind(virtioNet({ interrupts: 'intx' }), hushesInHandlers)],
      run: useDevices,
      use: { receive: referenceUses.receive! },
    },
  },
  {
    scenario: 'functions that refuse vectors',
    // It only asks one disk whether it is there, and ignores events.
    also: ['a disk that gets another size', 'more events than they have buffers for'],
    model: driverBehind('believes that it got its vectors', virtioScsi(), believesVectors, (host) =>
      host.testUnitReady(1),
    ),
  },
  {
    scenario: 'a NIC with a pair of queues for each of four processors',
    model: driverBehind(
      'looks for the control queue where it is without MQ',
      virtioNet({ interrupts: 'polled' }),
      (port, bdf) => rewriteHeader(port, bdf, QUEUE_SELECT, (queue) => (queue === 8 ? 2 : queue)),
      (nic) => nic.features.includes('CTRL_GUEST_OFFLOADS') && nic.setOffloads(0),
    ),
  },
  {
    scenario: 'a configuration that changes while they read it',
    machine: { balloon: true },
    model: driverBehind(
      'reads its configuration once',
      virtioBalloon({ interrupts: 'polled' }),
      readsOnce,
      (balloon) => balloon.follow(),
    ),
  },
  {
    scenario: 'devices that break down while they use them',
    machine: MODERN_RNG,
    model: driverBehind('knows no illness', virtioRng({ interrupts: 'polled' }), overlooksIllness, (rng) =>
      rng.read(32),
    ),
  },
  {
    scenario: 'features of rings that they may not know',
    machine: MODERN_RNG,
    model: driverBehind('knows no platform', virtioRng({ interrupts: 'polled' }), overlooksPlatform, (rng) =>
      rng.read(32),
    ),
  },
]);
