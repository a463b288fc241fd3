import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import {
  brokenKvm,
  cpu,
  KVM_FEATURES,
  memory,
  NOTHING,
  type Sharing,
  writes,
} from '../../conformance/broken/broken-kvm.ts';
import * as reg from '../../kvm/registers.ts';
import { gceN1 } from '../../machine/gce-n1.ts';

const LEAF = reg.HYPERVISOR_LEAF;
const CLOCK = reg.SYSTEM_TIME_NEW.offset;
const WALL = reg.WALL_CLOCK_NEW.offset;
const STEAL = reg.STEAL_TIME.offset;
const PAGE = 4096;
/** Of a page that is ready. */
const TOKEN = 7;
const MILLISECOND = 1_000_000;
const { version, system_time, tsc_timestamp } = reg.pvclock_vcpu_time_info.offset;

const idle = () => {};
const signature = [LEAF + 1, ...reg.SIGNATURE] as const;

/** Reads the time of a clock by itself: what it looks at, in order. */
function looks(
  { port, at }: Sharing,
  ...steps: readonly ('version' | 'ticks' | 'ticks of another' | 'time')[]
): void {
  const clock = at(CLOCK);
  for (const step of steps)
    if (step === 'ticks') port.processors![0]!.rdtsc();
    else if (step === 'ticks of another') port.processors![1]!.rdtsc();
    else if (step === 'version') port.memory.load(clock + version, 4);
    else for (const field of [tsc_timestamp, system_time]) port.memory.load(clock + field, 4);
}

/** Mistakes with what KVM shares with a guest. */
export const MUTANTS: readonly BrokenDriver[] = [
  brokenKvm(
    'takes it for granted that there is a hypervisor',
    'kvm/HYPERVISOR',
    cpu({
      cpuid: (leaf) => (leaf === 1 ? [0, 0, reg.HYPERVISOR, 0] : null),
    }),
  ),
  brokenKvm(
    'takes every hypervisor for KVM',
    'kvm/SIGNATURE',
    cpu({
      cpuid: (leaf) => (leaf === LEAF ? signature : null),
    }),
  ),
  brokenKvm(
    'knows the features of KVM by heart',
    'kvm/FEATURES',
    cpu({
      cpuid: (leaf) => (leaf === LEAF + 1 ? [KVM_FEATURES, 0, 0, 0] : null),
    }),
  ),
  {
    ...brokenKvm(
      'stops the host from polling, whether or not it can',
      'kvm/MSR-FEATURE',
      NOTHING,
      ({ port }) => {
        port.processors![0]!.wrmsr(reg.POLL_CONTROL.offset, 0, 0);
      },
    ),
    machine: () => gceN1(),
  },
  brokenKvm(
    'has its clock by the old MSR',
    'kvm/NEW-PAIR',
    cpu({
      wrmsr: (index, low, high) => [index === CLOCK ? reg.SYSTEM_TIME.offset : index, low, high],
    }),
  ),
  brokenKvm('writes more than a bit to POLL_CONTROL', 'kvm/RESERVED', NOTHING, ({ port }) => {
    port.processors![0]!.wrmsr(reg.POLL_CONTROL.offset, 2, 0);
  }),
  brokenKvm(
    'has the halves of an address in the wrong registers',
    'kvm/ENABLE',
    cpu({
      wrmsr: (index, low, high) => (index === STEAL && low !== 0 ? [index, high, low] : [index, low, high]),
    }),
    idle,
  ),
  brokenKvm(
    'wants interrupts for pages, and names no vector',
    'kvm/APF-VECTOR',
    cpu({
      wrmsr: writes(reg.ASYNC_PF_INT.offset, () => null),
    }),
  ),
  brokenKvm(
    'wants exits for pages that its host does not make',
    'kvm/APF-DELIVERY',
    cpu({
      wrmsr: writes(reg.ASYNC_PF_EN.offset, (low) => low | reg.ASYNC_PF_EN.mask.DELIVERY_AS_PF_VMEXIT),
    }),
  ),
  brokenKvm('sends interrupts by a hypercall that is not offered', 'kvm/HYPERCALL', NOTHING, ({ port }) => {
    port.processors![0]!.vmcall(reg.HYPERCALL.SEND_IPI, 1, 0, 0, 0xf0);
  }),
  brokenKvm(
    'puts its clock on an odd halfword',
    'kvm/ALIGNMENT',
    cpu({ wrmsr: writes(CLOCK, (low) => low | 2) }),
    idle,
  ),
  brokenKvm(
    'cuts the address of its clock wrongly',
    'kvm/RAM',
    cpu({ wrmsr: writes(CLOCK, (low) => low | 0xf000_0000) }),
    idle,
  ),
  brokenKvm('puts its clock across two pages', 'kvm/PAGE', NOTHING, ({ port }) => {
    const pages = port.allocate(2 * PAGE, PAGE);
    port.processors![0]!.wrmsr(CLOCK, (pages + PAGE - 16) | 1, 0);
  }),
  brokenKvm('has one clock for both processors', 'kvm/OWN', (port) => {
    let first = 0;
    const share = (low: number, vcpu: number) => (vcpu === 0 ? (first = low) : first);
    return cpu({ wrmsr: writes(CLOCK, share) })(port);
  }),
  brokenKvm(
    'gives the host memory that is not clear',
    'kvm/ZEROED',
    memory((good) => ({
      fill: (at, _value, length) => good.fill(at, 4, length),
    })),
  ),
  brokenKvm(
    'frees its clock while the host writes it',
    'kvm/FREED',
    cpu({
      wrmsr: writes(CLOCK, (low) => (low === 0 ? null : low)),
    }),
    ({ guest }) => guest.close(),
  ),
  {
    ...brokenKvm(
      'forgets the clock of its second processor',
      'kvm/EVERY-CLOCK',
      cpu({
        wrmsr: writes(CLOCK, (low, vcpu) => (vcpu === 1 ? null : low)),
      }),
      (sharing) => looks(sharing, 'version', 'ticks of another', 'ticks', 'time', 'version'),
    ),
    machine: () => gceN1({ vcpus: 2, kvm: { features: KVM_FEATURES, stable: false } }),
  },
  brokenKvm(
    'leaves the token of a page that is ready',
    'kvm/APF-TOKEN',
    memory((good) => ({
      store: (at, value, width) => {
        if (good.load(at, width) !== TOKEN) good.store(at, value, width);
      },
    })),
    ({ machine }) => machine.kvm.pageReady(0, TOKEN),
  ),
  brokenKvm(
    'clears the word of an EOI, and writes the EOI, too',
    'kvm/EOI-TWICE',
    memory((good) => ({
      // It sees no offer, and takes it.
      load: (at, width) => {
        const value = good.load(at, width);
        if (value !== reg.KVM_PV_EOI || width !== reg.PV_EOI_BYTES) return value;
        good.store(at, 0, width);
        return 0;
      },
    })),
    ({ machine }) => machine.kvm.pageReady(0, TOKEN),
  ),
  brokenKvm('reads the time without a version', 'kvm/VERSION', NOTHING, (sharing) =>
    looks(sharing, 'ticks', 'time', 'version'),
  ),
  brokenKvm('reads the version once', 'kvm/RECHECK', NOTHING, (sharing) =>
    looks(sharing, 'version', 'ticks', 'time'),
  ),
  brokenKvm('takes the time of an odd version', 'kvm/RETRY', NOTHING, (sharing) => {
    sharing.machine.kvm.refresh();
    looks(sharing, 'version', 'ticks', 'time', 'version');
  }),
  brokenKvm('reads its TSC before the version', 'kvm/TSC-INSIDE', NOTHING, (sharing) =>
    looks(sharing, 'ticks', 'version', 'time', 'version'),
  ),
  brokenKvm('makes the version of its clock 0', 'kvm/READ-ONLY', NOTHING, ({ port, at }) =>
    port.memory.store(at(CLOCK) + version, 0, 4),
  ),
  brokenKvm(
    'never says that it knows of a pause',
    'kvm/STOPPED',
    memory(() => ({ store: idle })),
    ({ guest, machine }) => {
      machine.kvm.pause();
      for (let time = 0; time < 3; time++) guest.time();
    },
  ),
  brokenKvm('has its own data beside its clock', 'kvm/LINE', NOTHING, ({ port, at }) =>
    port.memory.store(at(CLOCK) + 48, 1, 4),
  ),
  brokenKvm(
    'asks for the date once and reads it twice',
    'kvm/DATE-REQUEST',
    (port) => {
      let times = 0;
      return cpu({ wrmsr: writes(WALL, (low) => (times++ === 0 ? low : null)) })(port);
    },
    ({ guest }) => {
      guest.date();
      guest.date();
    },
  ),
  brokenKvm('reads the date without its version', 'kvm/DATE-VERSION', NOTHING, ({ guest, port, at }) => {
    guest.date();
    port.processors![0]!.wrmsr(WALL, at(WALL), 0);
    port.wait(() => false, MILLISECOND);
    port.memory.load(at(WALL) + reg.pvclock_wall_clock.offset.sec, 4);
    port.wait(() => false, MILLISECOND);
    guest.time();
  }),
  brokenKvm('reads the date after its clock', 'kvm/DATE-ORDER', NOTHING, ({ guest, port }) => {
    guest.time();
    const at = port.allocate(64, 64);
    const { version: looked, sec, nsec } = reg.pvclock_wall_clock.offset;
    port.processors![0]!.wrmsr(WALL, at, 0);
    for (const field of [looked, sec, nsec, looked]) port.memory.load(at + field, 4);
  }),
  brokenKvm('reads stolen time without its version', 'kvm/STEAL-VERSION', NOTHING, ({ port, at }) =>
    port.memory.load(at(STEAL), 4),
  ),
];
