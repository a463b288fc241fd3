import type { Nanos } from '../../core/bits.ts';
import { FEATURES } from '../../kvm/registers.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { DataError } from './differences.ts';
import type { Fixture } from './fixture.ts';
import { pass } from './frames.ts';
import type { SuiteScenario } from './scenario.ts';

type KvmOptions = NonNullable<MachineOptions['kvm']>;

const SECOND: Nanos = 1_000_000_000;
const MILLISECOND: Nanos = 1_000_000;
/** From a moment to where the product of ticks and factor needs more than 64 bits: 4.3 s and more. */
const SPANS: readonly Nanos[] = [1_000, MILLISECOND, SECOND, 6 * SECOND];
/** Rates whose shift is 1, 0, -1 and -2. */
const RATES = [1_000_000, 2_000_000, 2_700_000, 4_500_000];
/** What the factor of 32 bits leaves open, and a read of the TSC. */
const AWAY: Nanos = 2_000;
/** How long the host writes at a clock, and how far it is from one update to the next: the guest reads in between. */
const [UPDATE, BETWEEN]: readonly [Nanos, Nanos] = [3_000, 7_300];
const TIMES = 64;
/** Ticks by which the TSC of the second processor is behind. */
const BEHIND = 20_000;
/** More than these ticks take. */
const APART: Nanos = 20_000;
const WITHOUT_STABLE = FEATURES.mask.CLOCKSOURCE2;

/** @throws DataError unless the driver's time is the machine's. */
function demandTime({ machine, time }: Fixture, when: string): void {
  const { kvm } = machine.chassis;
  const before = kvm.systemTime;
  const got = time(0);
  if (got < before - AWAY || got > kvm.systemTime + AWAY)
    throw new DataError(`use.time() gave ${got} ns ${when}, where the machine had ${before} ns`);
}

function demandDate({ machine, date }: Fixture): void {
  const { secondsSince1970, at } = machine.chassis.board.clock.dated!;
  const got = date();
  const due = secondsSince1970 + (machine.now - at) / SECOND;
  // A double has the date to less than a microsecond.
  if (Math.abs(got - due) > 2e-5) throw new DataError(`use.date() gave ${got} s, where it was ${due} s`);
}

/** Begins with the model's `run`, in which it finds its clock. */
function begin(fixture: Fixture): void {
  fixture.start();
  fixture.use();
}

function passes(fixture: Fixture): void {
  begin(fixture);
  for (const span of SPANS) {
    pass(fixture.machine, span);
    demandTime(fixture, `${span} ns later`);
    if (fixture.can('date')) demandDate(fixture);
  }
}

function moves(fixture: Fixture): void {
  const { machine } = fixture;
  begin(fixture);
  for (const kHz of RATES) {
    machine.kvm.tscKHz = kHz;
    pass(machine, SECOND);
    demandTime(fixture, `with a TSC of ${kHz} kHz`);
  }
}

function isPaused(fixture: Fixture): void {
  const { machine } = fixture;
  begin(fixture);
  for (let time = 0; time < 3; time++) {
    pass(machine, SECOND);
    machine.kvm.pause();
    for (let look = 0; look < 3; look++) demandTime(fixture, 'after a pause');
  }
}

/** Reads at every moment of an update, whose TSC is another each time. */
function isWritten(fixture: Fixture): void {
  const { machine } = fixture;
  begin(fixture);
  for (let time = 0; time < TIMES; time++) {
    pass(machine, MILLISECOND);
    machine.kvm.tscKHz = RATES[time % RATES.length]!;
    pass(machine, (time * 137) % BETWEEN);
    demandTime(fixture, 'while the host wrote the clock');
  }
}

function neverGoesBack(fixture: Fixture): void {
  const { machine, time } = fixture;
  begin(fixture);
  machine.kvm.delay(1, BEHIND);
  let last = 0;
  for (let look = 0; look < TIMES; look++) {
    const now = time(look % 2);
    if (now < last) throw new DataError(`use.time() gave ${now} ns after ${last} ns`);
    last = now;
  }
  pass(machine, SECOND);
  const later = time(1);
  if (later < last + SECOND - APART)
    throw new DataError(`use.time(1) gave ${later} ns a second after ${last} ns`);
}

function sleeps(fixture: Fixture): void {
  const { machine } = fixture;
  begin(fixture);
  fixture.suspend();
  machine.kvm.forget();
  pass(machine, 3 * SECOND);
  fixture.resume();
  demandTime(fixture, 'after sleep');
}

/** As before another kernel starts in its place. */
function stops(fixture: Fixture): void {
  const { machine } = fixture;
  begin(fixture);
  fixture.stop();
  for (const vcpu of machine.chassis.kvm.vcpus)
    for (const name of vcpu.inUse)
      throw new DataError(`after use.stop() the host still has what ${name} of vCPU ${vcpu.index} names`);
}

const withKvm =
  (more: KvmOptions, rest: MachineOptions = {}) =>
  (base: MachineOptions): MachineOptions => ({ ...base, ...rest, kvm: { ...base.kvm, ...more } });

/** Clocks that a guest shares with its host. */
export const KVM: readonly SuiteScenario[] = [
  {
    name: 'a clock that goes on for seconds',
    why: 'the product of ticks and factor has more than 64 bits',
    needs: ['time'],
    act: passes,
  },
  {
    name: 'a TSC that has another rate, on each host to which they move',
    why: 'factor and shift change, and the shift may be negative',
    needs: ['time'],
    act: moves,
  },
  {
    name: 'a host that pauses them',
    why: 'a flag of the clock says so, until they clear it',
    meets: ['kvm/READ-ONLY', 'kvm/STOPPED', 'kvm/LINE'],
    needs: ['time'],
    act: isPaused,
  },
  {
    name: 'a host that writes their clock while they read it',
    why: 'what was read does not belong together if the version is odd, or another afterwards',
    meets: ['kvm/RETRY'],
    needs: ['time'],
    options: withKvm({ updateTime: UPDATE }),
    act: isWritten,
  },
  {
    name: 'clocks of two processors that do not agree',
    why: 'without flag bit 0, or the feature behind it, a guest itself keeps time from going back',
    needs: ['time'],
    options: withKvm({ features: WITHOUT_STABLE }, { vcpus: 2 }),
    act: neverGoesBack,
  },
  {
    name: 'a KVM behind the leaves of another hypervisor',
    why: 'a host may have several interfaces, in steps of 100h',
    needs: ['time'],
    options: withKvm({ leaf: 0x4000_0100 }),
    act: passes,
  },
  {
    name: 'an old host, whose first leaf names no last one',
    why: 'EAX 0 means 40000001h there',
    needs: ['time'],
    options: withKvm({ oldLeaf: true }),
    act: passes,
  },
  {
    name: 'a host that refuses the MSRs of features which it does not offer',
    why: 'what a lenient host lets pass is a fault here',
    needs: ['time'],
    options: withKvm({ enforce: true }),
    act: passes,
  },
  {
    name: 'sleep in which their clock is forgotten',
    why: 'a host forgets every MSR when it is reset',
    needs: ['time', 'suspend', 'resume'],
    act: sleeps,
  },
  {
    name: 'an end after which the host must write to none of their memory',
    why: 'a kernel that starts in their place uses it for something else',
    needs: ['time', 'stop'],
    act: stops,
  },
];
