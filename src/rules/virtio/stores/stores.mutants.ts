import { behind } from '../../../conformance/broken/behind.ts';
import {
  type BrokenDriver,
  breaking,
  brokenNet,
  sendsTwice,
} from '../../../conformance/broken/broken-driver.ts';
import { type RingField, type RingStore, rewriteRings } from '../../../conformance/broken/rewrite-rings.ts';
import { FRAME } from '../../../conformance/reference.ts';
import type { Gpa } from '../../../core/bits.ts';
import type { DriverMemory, GuestPort } from '../../../core/guest-port.ts';
import { virtioNet } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { MachineOptions } from '../../../machine/options.ts';
import {
  LEGACY_QUEUE_ALIGN,
  pvirtq_desc,
  virtq_avail,
  virtq_used,
  virtq_used_elem,
} from '../../../virtio/registers.ts';
import { LATE } from '../queue/split.mutants.ts';

const PACKED: MachineOptions = { virtio: 'modern', ringFeatures: ['RING_PACKED'] };

const on = (broken: BrokenDriver, options: MachineOptions): BrokenDriver => ({
  ...broken,
  machine: () => gceN1(options),
});

/** Stores `field` only once `seen`, which shows it to the device, is stored. */
const afterwards = (field: RingField, seen: RingField) => (port: GuestPort) => {
  let held: readonly RingStore[] = [];
  return rewriteRings(port, {
    [field]: (store: RingStore) => {
      held = [...held, store];
      return null;
    },
    [seen]: ({ at, value, memory }: RingStore) => {
      memory.store(at, value, 2);
      for (const late of held) memory.store(late.at, late.value, late.value > 0xffff ? 4 : WIDTH[field]!);
      held = [];
      return null;
    },
  });
};

const WIDTH: { readonly [Field in RingField]?: 2 | 4 } = { 'avail.ring': 2, 'desc.len': 4 };

/** Trims the buffer of the chain before, which the device has, when it fills the descriptor `index`. */
const trimsBefore = (index: number) => (port: GuestPort) =>
  rewriteRings(port, {
    'desc.len': (store) => {
      if (store.index === index) store.memory.store(store.at - index * pvirtq_desc.size, 1, 4);
      return store.value;
    },
  });

/** Writes into the buffer of the chain in descriptor 0, which the device has, when it adds a second. */
function reusesBuffer(port: GuestPort): GuestPort {
  let first: Gpa = 0;
  return rewriteRings(port, {
    'desc.low': ({ index, value }) => {
      if (index === 0) first = value;
      return value;
    },
    'avail.ring': ({ index, value, memory }) => {
      if (index === 1) memory.store(first, 0x5a, 1);
      return value;
    },
  });
}

/** Guest memory whose loads and reads come with another, before or after them. */
function behindLoads(port: GuestPort, changes: (memory: DriverMemory) => Partial<DriverMemory>): GuestPort {
  const { memory } = port;
  return behind(port, {
    memory: {
      load: (address, width) => memory.load(address, width),
      store: (address, value, width) => memory.store(address, value, width),
      read: (address, into) => memory.read(address, into),
      write: (address, from) => memory.write(address, from),
      fill: (address, value, length) => memory.fill(address, value, length),
      fence: () => memory.fence(),
      ...changes(memory),
    },
  });
}

/** The used ring of the legacy layout begins at a page. */
const isUsedIdx = (address: Gpa) => address % LEGACY_QUEUE_ALIGN === virtq_used.offset.idx;

/** Reads the entry, and only then whether there is one. */
const readsEntryFirst = (port: GuestPort) =>
  behindLoads(port, (memory) => {
    const seen = new Map<Gpa, number>();
    return {
      load: (address, width) => {
        if (!isUsedIdx(address)) return memory.load(address, width);
        const entry = address - virtq_used.offset.idx + virtq_used.size;
        memory.load(entry + (seen.get(address) ?? 0) * virtq_used_elem.size, 4);
        const idx = memory.load(address, width);
        seen.set(address, idx);
        return idx;
      },
    };
  });

/** Looks into its first receive buffer to see whether a frame came. */
function peeks(port: GuestPort): GuestPort {
  let buffer: Gpa = 0;
  const noting = rewriteRings(port, {
    'desc.low': ({ value }) => {
      buffer ||= value;
      return value;
    },
  });
  return behindLoads(noting, (memory) => ({
    load: (address, width) => {
      if (isUsedIdx(address)) memory.load(buffer, 4);
      return memory.load(address, width);
    },
  }));
}

/** Marks its first receive buffer when it sends. */
function marks(port: GuestPort): GuestPort {
  let buffer: Gpa = 0;
  let rounds = 0;
  return rewriteRings(port, {
    'desc.low': ({ value }) => {
      buffer ||= value;
      return value;
    },
    'avail.idx': ({ value, memory }) => {
      if (rounds++ > 0) memory.store(buffer, 0x5a, 1);
      return value;
    },
  });
}

/** Reads past the end of the received bytes. */
const readsOn = (port: GuestPort) =>
  behindLoads(port, (memory) => ({
    read: (address, into) => {
      memory.read(address, into);
      memory.load(address + into.length, 1);
    },
  }));

/** Reads a packed descriptor's id, and only then whether it is used. */
const readsIdFirst = (port: GuestPort) =>
  behindLoads(port, (memory) => ({
    load: (address, width) => {
      const { flags, id } = pvirtq_desc.offset;
      if (address % pvirtq_desc.size === flags) memory.load(address - flags + id, 2);
      return memory.load(address, width);
    },
  }));

const sendsAndReceives = breaking(virtioNet({ interrupts: 'polled' }), (nic) => {
  nic.send(FRAME);
  nic.receive();
});
const LOOP: MachineOptions = { nics: [{ backend: 'loopback' }] };

export const MUTANTS: readonly BrokenDriver[] = [
  brokenNet(
    'moves avail.idx, and then fills in the entries',
    'virtio/VQ-BARRIER-D1',
    afterwards('avail.ring', 'avail.idx'),
  ),
  brokenNet('stores each entry behind its place', 'virtio/VQ-BARRIER-D1', (port) =>
    rewriteRings(port, {
      'avail.ring': ({ at, value, memory }) => {
        memory.store(at + 2, value, 2);
        return null;
      },
    }),
  ),
  on(
    sendsTwice('trims a buffer that the device has', 'virtio/CLEAN-D1', trimsBefore(virtq_avail.size / 2)),
    LATE,
  ),
  on(sendsTwice('uses a buffer again that the device has', 'virtio/CLEAN-D2', reusesBuffer), LATE),
  on(sendsAndReceives('reads used entries before used.idx', 'virtio/VQ-IMP-22', readsEntryFirst), LOOP),
  on(sendsAndReceives('marks a buffer that the device has', 'virtio/VQ-IMP-38', marks), {}),
  on(sendsAndReceives('looks into buffers that the device has', 'virtio/VQ-IMP-23', peeks), {}),
  on(sendsAndReceives('reads beyond what came', 'virtio/VQ-USED-D2', readsOn), { ...LOOP, virtio: 'modern' }),
  on(
    brokenNet(
      'shows descriptors, and then fills in their length',
      'virtio/PACKED-BARRIER-D1',
      afterwards('desc.len', 'desc.flags'),
    ),
    PACKED,
  ),
  on(sendsTwice('trims a buffer that the device has, packed', 'virtio/PACKED-DESC-D2', trimsBefore(1)), {
    ...PACKED,
    ...LATE,
  }),
  on(sendsAndReceives('reads ids before flags', 'virtio/PACKED-IMP-12', readsIdFirst), {
    ...PACKED,
    ...LOOP,
  }),
];
