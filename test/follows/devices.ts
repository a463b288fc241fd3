import { behind, behindMemory, headerAddress } from '../../src/conformance/broken/behind.ts';
import { changeDoorbells, changeRegister } from '../../src/conformance/broken/behind-nvme.ts';
import {
  brokenKvm,
  changed,
  cpu,
  KVM_FEATURES,
  type Mistake as KvmMistake,
  NOTHING,
  writes,
} from '../../src/conformance/broken/broken-kvm.ts';
import { misreadConfig } from '../../src/conformance/broken/misreads.ts';
import { FRAME } from '../../src/conformance/reference.ts';
import type { GuestPort } from '../../src/core/guest-port.ts';
import { type NvmeDriver, nvme, virtioNet, virtioScsi } from '../../src/guest/index.ts';
import { configWrite, disable, enable } from '../../src/guest/pci/config.ts';
import { gceN1, type MachineOptions } from '../../src/index.ts';
import * as kvm from '../../src/kvm/registers.ts';
import { AQA, CC } from '../../src/nvme/registers/bar0.ts';
import { BAR_IO, COMMAND } from '../../src/pci/registers.ts';
import { LEGACY_CONFIG } from '../../src/virtio/registers.ts';
import { behindEach, type Case, judged, known } from './play.ts';

const { IO_SPACE } = COMMAND.mask;
const { EN } = CC.mask;
/** Behind all ports that firmware gives away, and between two multiples of a base address's size. */
const BETWEEN = 0xe010;
/** So many commands that a queue is used up to its old entry. */
const MANY = 8;
const NVME: MachineOptions = { vcpus: 2, nvme: [{ namespaces: [{ bytes: 1 << 20 }] }] };
/** At least as many bytes as a configuration has. */
const CONFIG = 0x40;
const CLOCK = kvm.SYSTEM_TIME_NEW.offset;

/** Places the ports of a function there, and believes that they are. */
function placesBetween(port: GuestPort, bdf: number): GuestPort {
  disable(port, bdf, IO_SPACE);
  configWrite(port, bdf, BAR_IO.offset, BETWEEN, 4);
  enable(port, bdf, IO_SPACE);
  return misreadConfig(port, bdf, BAR_IO, BETWEEN | 1);
}

const scsi = virtioScsi({ interrupts: 'msix' });
/** The good driver of an adapter, which also reads how many queues that has. */
const readsQueues: typeof scsi = {
  ...scsi,
  attach: (port, bdf) => {
    const host = scsi.attach(port, bdf);
    port.in(headerAddress(port, bdf) + LEGACY_CONFIG.withMsix, 4);
    return host;
  },
};

/** The configuration begins at 20, though MSI-X is enabled. */
function knowsNoVectors(port: GuestPort, bdf: number): GuestPort {
  const config = headerAddress(port, bdf) + LEGACY_CONFIG.withMsix;
  const moved = (at: number) => (at >= config && at < config + CONFIG ? at - 4 : at);
  return behind(port, {
    in: (at, width) => port.in(moved(at), width),
    out: (at, value, width) => port.out(moved(at), value, width),
  });
}

/** The version of the clock is taken for granted at every look of `which`. */
const knowsVersion =
  (which: (look: number) => boolean): KvmMistake =>
  (port) => {
    let [clock, looks] = [0, 0];
    const { memory } = port;
    return {
      processors: changed(port, {
        wrmsr: (index, low, high, vcpu) => {
          if (index === CLOCK && vcpu === 0) clock = low & ~1;
          return [index, low, high];
        },
      }),
      memory: {
        ...behindMemory(memory, (at, value, width) => memory.store(at, value, width)),
        load: (at, width) => (at === clock && clock !== 0 && which(looks++) ? 2 : memory.load(at, width)),
      },
    };
  };

function guests(mistakes: Readonly<Record<string, KvmMistake>>): Case[] {
  const { model: mended, machine } = brokenKvm('mended', 'kvm/OWN', NOTHING);
  return Object.entries(mistakes).map(([name, mistake]) => ({
    broken: brokenKvm(name, 'kvm/OWN', mistake).model,
    mended,
    play: judged({ machine: machine! }),
  }));
}

/** Admin queues get their sizes when the controller is enabled. */
function sizesLate(port: GuestPort, bdf: number): GuestPort {
  let sizes = 0;
  const late = changeRegister(port, bdf, CC, (write, value) => {
    write(value);
    if ((value & EN) !== 0) write(sizes, AQA);
  });
  return changeRegister(late, bdf, AQA, (_write, value) => {
    sizes = value;
  });
}

export const DEVICE_CASES: readonly Case[] = [
  ...behindEach(virtioNet({ interrupts: 'polled' }), (nic) => nic.post(FRAME), judged({ machine: gceN1 }), {
    'places its ports between two multiples of their size': placesBetween,
  }),
  ...behindEach(virtioScsi({ interrupts: 'polled' }), () => {}, judged({ machine: gceN1 }), {
    'places its ports between two multiples of their size': placesBetween,
  }),
  ...behindEach(readsQueues, () => {}, judged({ machine: gceN1 }), {
    'finds its configuration at 20': knowsNoVectors,
  }),
  ...behindEach(
    nvme({ interrupts: 'polled' }),
    (disk) => disk.read(1, 0, 1),
    judged({ machine: () => gceN1(NVME) }),
    {
      'sizes its admin queues late': sizesLate,
      'takes the stride of doorbells for 8': (port, bdf) =>
        changeDoorbells(port, bdf, (write, index, value) => write(value, 2 * index)),
    },
  ),
  ...known(['nvme/CQ-CLEAR'], judged, (model) => ({
    ...model,
    run: (_port, [disk]) => {
      for (let i = 0; i < MANY; i++) (disk as NvmeDriver).read(1, 0, 1);
    },
  })),
  ...guests({
    'has one place for the stolen time of both processors': (port) => {
      let first = 0;
      return cpu({
        wrmsr: writes(kvm.STEAL_TIME.offset, (low, vcpu) => (vcpu === 0 ? (first = low) : first)),
      })(port);
    },
    'knows KVM by heart': cpu({
      cpuid: (leaf) => {
        if (leaf === kvm.HYPERVISOR_LEAF) return [kvm.HYPERVISOR_LEAF + 1, ...kvm.SIGNATURE];
        return leaf === kvm.HYPERVISOR_LEAF + 1 ? [KVM_FEATURES, 0, 0, 0] : null;
      },
    }),
    'looks at no version': knowsVersion(() => true),
    'looks at the version afterwards': knowsVersion((look) => look % 2 === 0),
  }),
];
