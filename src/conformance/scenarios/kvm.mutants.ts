import type { GuestPort } from '../../core/guest-port.ts';
import { KvmGuest } from '../../guest/index.ts';
import * as reg from '../../kvm/registers.ts';
import { behind } from '../broken/behind.ts';
import { changed, cpu, type Mistake, writes } from '../broken/broken-kvm.ts';
import type { DriverModel } from '../model/model.ts';
import { stateless } from './rig.ts';

const CLOCK = reg.SYSTEM_TIME_NEW.offset;
const { version, tsc_timestamp, system_time, tsc_to_system_mul, tsc_shift } =
  reg.pvclock_vcpu_time_info.offset;
const LEAF = reg.HYPERVISOR_LEAF;

const GOES_ON = 'a clock that goes on for seconds';
const ANOTHER_RATE = 'a TSC that has another rate, on each host to which they move';
const PAUSES = 'a host that pauses them';
const WRITTEN = 'a host that writes their clock while they read it';
const NOT_AGREED = 'clocks of two processors that do not agree';
const BEHIND_OTHER = 'a KVM behind the leaves of another hypervisor';
const OLD_HOST = 'an old host, whose first leaf names no last one';
const REFUSES = 'a host that refuses the MSRs of features which it does not offer';
const FORGOTTEN = 'sleep in which their clock is forgotten';
const THE_END = 'an end after which the host must write to none of their memory';
const WRONG_TIME = /use\.time\(\) gave/;

/** What a guest read of its clock. */
interface Read {
  readonly ticks: bigint;
  readonly time: bigint;
  readonly mul: bigint;
  readonly shift: number;
}

const GOOD = {
  nanoseconds: ({ ticks, time, mul, shift }: Read): bigint =>
    (((shift < 0 ? ticks >> BigInt(-shift) : ticks << BigInt(shift)) * mul) >> 32n) + time,
  isGood: (before: number, after: number) => before === after && (before & 1) === 0,
  next: (last: number, now: number) => Math.max(last, now),
  registers: (_vcpu: number) => true,
};

/** The good guest, which reads its clock by itself, with one of its ways changed. */
function reading(name: string, ways: Partial<typeof GOOD>): DriverModel {
  const { nanoseconds, isGood, next, registers } = { ...GOOD, ...ways };
  let latest = 0;
  const clocks: number[] = [];
  const noted = (port: GuestPort) => ({
    processors: changed(port, {
      wrmsr: (index, low, high, vcpu) => {
        if (index === CLOCK) clocks[vcpu] = (low & ~1) >>> 0;
        return index === CLOCK && !registers(vcpu) ? null : [index, low, high];
      },
    }),
  });
  const opened = opening(name, noted);
  return {
    ...opened,
    run: (...given) => {
      latest = 0;
      opened.run!(...given);
    },
    use: {
      time: (vcpu, _handles, port) => {
        for (;;) {
          const [first, read, last] = look(port, vcpu, clocks[vcpu]!);
          if (isGood(first, last)) return (latest = next(latest, Number(nanoseconds(read))));
        }
      },
    },
  };
}

function look(port: GuestPort, vcpu: number, at: number): [first: number, read: Read, last: number] {
  const { memory } = port;
  const wide = (place: number) =>
    (BigInt(memory.load(at + place + 4, 4)) << 32n) | BigInt(memory.load(at + place, 4));
  const first = memory.load(at + version, 4);
  const cpu = port.processors![vcpu]!;
  cpu.rdtsc();
  const read = {
    ticks: ((BigInt(cpu.edx) << 32n) | BigInt(cpu.eax)) - wide(tsc_timestamp),
    time: wide(system_time),
    mul: BigInt(memory.load(at + tsc_to_system_mul, 4)),
    shift: (memory.load(at + tsc_shift, 1) << 24) >> 24,
  };
  return [first, read, memory.load(at + version, 4)];
}

/** The good guest behind a mistake. */
function opening(name: string, mistake: Mistake, stop = (guest: KvmGuest) => guest.close()): DriverModel {
  const opened = new WeakMap<GuestPort, KvmGuest>();
  const end = (port: GuestPort) => {
    const guest = opened.get(port);
    opened.delete(port);
    if (guest !== undefined) stop(guest);
  };
  return {
    name,
    drivers: [],
    run: (port) => {
      end(port);
      const guest = KvmGuest.open(behind(port, mistake(port)));
      if (guest === null) throw new Error('there is no KVM');
      opened.set(port, guest);
    },
    use: {
      time: (vcpu, _handles, port) => opened.get(port)!.time(vcpu),
      stop: (_handles, port) => end(port),
      suspend: (_handles, port) => opened.get(port)!.suspend(),
      resume: (_handles, port) => opened.get(port)!.resume(),
    },
  };
}

function firstLeaf(port: GuestPort): [number, number, number, number] {
  const [first] = port.processors!;
  first!.cpuid(LEAF, 0);
  return first!.eax === 0 ? [0, 0, 0, 0] : [first!.eax, first!.ebx, first!.ecx, first!.edx];
}

const all = [GOES_ON, ANOTHER_RATE, PAUSES, WRITTEN, BEHIND_OTHER, OLD_HOST, REFUSES];
const but = (name: string) => all.filter((other) => other !== name);

/** Guests of KVM with a mistake that one scenario finds. */
export const MUTANTS = stateless([
  {
    scenario: GOES_ON,
    also: [BEHIND_OTHER, NOT_AGREED, OLD_HOST, REFUSES],
    by: WRONG_TIME,
    model: reading('multiplies ticks in 64 bits', {
      nanoseconds: ({ ticks, time, mul, shift }) =>
        (BigInt.asUintN(64, (ticks >> BigInt(-shift)) * mul) >> 32n) + time,
    }),
    // Its shift is not negative elsewhere.
    machine: { kvm: { tscKHz: 2_700_000 } },
  },
  {
    scenario: ANOTHER_RATE,
    also: but(ANOTHER_RATE),
    by: WRONG_TIME,
    model: reading('takes each shift for one to the left', {
      nanoseconds: (read) => GOOD.nanoseconds({ ...read, shift: Math.abs(read.shift) }),
    }),
  },
  {
    scenario: WRITTEN,
    by: WRONG_TIME,
    model: reading('looks at the version and reads once', { isGood: () => true }),
  },
  {
    scenario: NOT_AGREED,
    by: WRONG_TIME,
    model: reading('trusts every TSC', { next: (_last, now) => now }),
  },
  {
    scenario: NOT_AGREED,
    by: /use\.time\(1\) gave/,
    model: reading('registers the clock of the first processor alone', { registers: (vcpu) => vcpu === 0 }),
  },
  {
    scenario: BEHIND_OTHER,
    by: /there is no KVM/,
    model: opening(
      'looks for KVM in the first place',
      cpu({ cpuid: (leaf) => (leaf > LEAF + 1 && leaf >>> 16 === LEAF >>> 16 ? [0, 0, 0, 0] : null) }),
    ),
  },
  {
    scenario: FORGOTTEN,
    by: WRONG_TIME,
    model: (() => {
      const model = opening('thinks that its clock is still there after sleep', () => ({}));
      return { ...model, use: { ...model.use, resume: () => {} } };
    })(),
  },
  {
    scenario: OLD_HOST,
    by: /there is no KVM/,
    model: opening('asks for no more leaves than the first one names', (port) => ({
      processors: changed(port, { cpuid: (leaf) => (leaf === LEAF ? firstLeaf(port) : null) }),
    })),
  },
  {
    scenario: THE_END,
    by: /still has what MSR_KVM_SYSTEM_TIME_NEW of vCPU 0 names/,
    model: opening(
      'leaves its clock switched on',
      cpu({ wrmsr: writes(CLOCK, (low) => (low === 0 ? null : low)) }),
      (guest) => guest.suspend(),
    ),
  },
]);
