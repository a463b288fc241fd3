import { describe, expect, test } from 'vitest';
import { Clock } from '../core/clock.ts';
import { GuestMemory } from '../core/memory.ts';
import { Random } from '../core/random.ts';
import { Kvm, type KvmPlan } from './kvm.ts';
import { isKvmMsr, msrOf } from './registers.ts';
import { scaleOf, Ticks } from './time.ts';

const AT = 0x2000;
const [SYSTEM_TIME, NEW_TIME, NEW_DATE] = [0x12, 0x4b56_4d01, 0x4b56_4d00];
const [ASYNC_PF_EN, STEAL_TIME, PV_EOI_EN, POLL_CONTROL] = [
  0x4b56_4d02, 0x4b56_4d03, 0x4b56_4d04, 0x4b56_4d05,
];
const [ASYNC_PF_INT, ASYNC_PF_ACK] = [0x4b56_4d06, 0x4b56_4d07];
const ALL = 0x0103_7eff;
const SECOND = 1_000_000_000;

const PLAN: KvmPlan = {
  vcpus: 2,
  cpuid: { eax: 0x0083_0f10, edx: 0 },
  tscKHz: 2_300_000,
  features: 0x0100_00a8,
  hints: 0,
  enforce: false,
  leaf: 0x4000_0000,
  oldLeaf: false,
  stable: true,
  uptime: 4 * SECOND,
  updateTime: 0,
};

function made(plan: Partial<KvmPlan> = {}) {
  const clock = new Clock();
  clock.dated = { secondsSince1970: 1_600_000_000, at: 0 };
  const memory = GuestMemory.of(1 << 16);
  const sent: number[][] = [];
  const messages = { deliver: (_: unknown, address: number, data: number) => sent.push([address, data]) };
  const kvm = new Kvm({ clock, memory, messages, random: new Random(1) }, { ...PLAN, ...plan });
  const view = new DataView(memory.slice(0, 1 << 16)!.buffer, memory.slice(0, 1 << 16)!.byteOffset);
  return { clock, memory, kvm, cpu: kvm.vcpus[0]!, other: kvm.vcpus[1]!, view, sent };
}

/** The page as Documentation/virt/kvm/x86/msr.rst has it, read with wide integers. */
function clockAt(view: DataView, at = AT) {
  return {
    version: view.getUint32(at, true),
    tsc: view.getBigUint64(at + 8, true),
    time: view.getBigUint64(at + 16, true),
    mul: view.getUint32(at + 24, true),
    shift: view.getInt8(at + 28),
    flags: view.getUint8(at + 29),
  };
}

/** The time as the same text computes it. */
function timeBy(view: DataView, tsc: bigint, at = AT): bigint {
  const { tsc: then, time, mul, shift } = clockAt(view, at);
  const ticks = shift < 0 ? (tsc - then) >> BigInt(-shift) : (tsc - then) << BigInt(shift);
  return ((ticks * BigInt(mul)) >> 32n) + time;
}

const tscOf = (cpu: { rdtsc(): void; eax: number; edx: number }) => {
  cpu.rdtsc();
  return (BigInt(cpu.edx) << 32n) | BigInt(cpu.eax);
};

describe('the rate of a TSC', () => {
  test.each([
    [2_300_000, -1, 0xde9b_d37a],
    [2_200_170, -1, 0xe8b5_9412],
    [2_500_000, -1, 0xcccc_cccc],
    [3_000_000, -1, 0xaaaa_aaaa],
    [1_000_000, 1, 0x8000_0000],
    [2_000_000, 0, 0x8000_0000],
    [2_800_000, -1, 0xb6db_6db6],
    [2_700_000, -1, 0xbda1_2f68],
    [2_600_000, -1, 0xc4ec_4ec4],
    [2_450_000, -1, 0xd0fa_c687],
    [2_249_998, -1, 0xe38e_4625],
    [5_000_000, -2, 0xcccc_cccc],
  ])('%i kHz is shift %i, mul %i', (kHz, shift, mul) => {
    expect(scaleOf(kHz)).toEqual({ shift, mul });
  });

  test('counts exactly to the end of virtual time', () => {
    const now = Number.MAX_SAFE_INTEGER;
    const ticks = new Ticks();

    ticks.set(now, 8_999_999, { low: 0xffff_ffff, high: 7 });

    const offset = (7n << 32n) | 0xffff_ffffn;
    const counted = (BigInt(now) * 8_999_999n) / 1_000_000n + offset;
    expect((BigInt(ticks.high) << 32n) | BigInt(ticks.low)).toBe(counted);
  });
});

describe("KVM's clock", () => {
  test('is filled when the write returns, with an even version', () => {
    const { cpu, view } = made();

    cpu.wrmsr(NEW_TIME, AT | 1, 0);

    expect(clockAt(view)).toEqual({
      version: 2,
      tsc: 0n,
      time: 4_000_000_000n,
      mul: 0xde9b_d37a,
      shift: -1,
      flags: 1,
    });
  });

  test.each([
    [0, 2],
    [1, 4],
    [6, 8],
    [0xffff_ffff, 2],
    [0xffff_fffe, 0],
  ])('takes version %i for %i, whatever was in RAM', (before, after) => {
    const { cpu, view } = made();
    view.setUint32(AT, before, true);

    cpu.wrmsr(NEW_TIME, AT | 1, 0);

    expect(clockAt(view).version).toBe(after);
  });

  test.each([1_000_000, 2_300_000, 2_200_170, 4_900_001])(
    'is right to 30 ns after an hour at %i kHz',
    (tscKHz) => {
      const { cpu, view, clock, kvm } = made({ tscKHz });
      cpu.wrmsr(NEW_TIME, AT | 1, 0);

      clock.advance(60 * SECOND);

      const away = Number(timeBy(view, tscOf(cpu))) - kvm.systemTime;
      expect(Math.abs(away)).toBeLessThan(30);
    },
  );

  test('keeps its time and its TSC when the rate is another', () => {
    const { cpu, view, clock, kvm } = made();
    cpu.wrmsr(NEW_TIME, AT | 1, 0);
    clock.advance(SECOND);
    const before = tscOf(cpu);

    kvm.setTscKHz(2_700_000);

    const jumped = tscOf(cpu) - before;
    clock.advance(SECOND);
    expect([jumped, tscOf(cpu) - before]).toEqual([0n, 2_700_000_000n]);
    expect(Math.abs(Number(timeBy(view, tscOf(cpu))) - kvm.systemTime)).toBeLessThan(30);
  });

  test('says once that the host had paused the guest, and keeps it until the guest clears it', () => {
    const { cpu, view, kvm } = made();
    cpu.wrmsr(NEW_TIME, AT | 1, 0);

    kvm.pause();
    kvm.refresh();
    const kept = clockAt(view).flags;
    view.setUint8(AT + 29, kept & ~2);
    kvm.refresh();

    expect([kept, clockAt(view).flags]).toEqual([3, 1]);
  });

  test('has an odd version while an update is under way', () => {
    const { cpu, view, kvm, clock } = made({ updateTime: 500 });
    cpu.wrmsr(NEW_TIME, AT | 1, 0);

    kvm.refresh();
    const meanwhile = clockAt(view).version;
    clock.advance(500);

    expect([meanwhile, clockAt(view).version]).toEqual([3, 4]);
  });

  test('is not stable for anyone while processor 0 uses the old MSR', () => {
    const { cpu, other, view } = made();
    other.wrmsr(NEW_TIME, (AT + 64) | 1, 0);
    const before = clockAt(view, AT + 64).flags;

    cpu.wrmsr(SYSTEM_TIME, AT | 1, 0);
    const old = [clockAt(view).flags, clockAt(view, AT + 64).flags];
    cpu.wrmsr(NEW_TIME, AT | 1, 0);

    expect([before, old, clockAt(view, AT + 64).flags]).toEqual([1, [0, 0], 1]);
  });

  test('is written every 300 s if the TSCs do not agree, and never else', () => {
    const machines = [made({ stable: false }), made()];

    for (const { cpu, clock } of machines) {
      cpu.wrmsr(NEW_TIME, AT | 1, 0);
      clock.advance(901 * SECOND);
    }

    expect(machines.map(({ view }) => clockAt(view).version)).toEqual([8, 2]);
  });

  test('stays as it is once it is switched off', () => {
    const { cpu, view, kvm } = made();
    cpu.wrmsr(NEW_TIME, AT | 1, 0);

    cpu.wrmsr(NEW_TIME, 0, 0);
    kvm.refresh();

    expect(clockAt(view).version).toBe(2);
  });

  test.each([
    ['across two pages', 0x2ff0],
    ['outside RAM', 0x10_0000],
  ])('is not written %s, and nothing is refused', (_where, at) => {
    const { cpu, memory } = made();

    const kept = cpu.wrmsr(NEW_TIME, at | 1, 0);

    expect([kept, memory.slice(0, 1 << 16)!.every((byte) => byte === 0)]).toEqual([true, true]);
  });

  test('is one, by two numbers', () => {
    const { cpu } = made();
    cpu.wrmsr(NEW_TIME, AT | 1, 0);

    cpu.rdmsr(SYSTEM_TIME);

    expect([cpu.eax, cpu.edx]).toEqual([AT | 1, 0]);
  });
});

describe('the wall clock', () => {
  test('is the date when system time was 0', () => {
    const { cpu, view, clock } = made({ uptime: 4_250_000_000 });
    clock.advance(100 * SECOND);

    cpu.wrmsr(NEW_DATE, AT, 0);

    // 1,600,000,000 less 4.25 s, however late it is asked for.
    expect([0, 4, 8].map((at) => view.getUint32(AT + at, true))).toEqual([2, 1_599_999_995, 750_000_000]);
  });

  test('is written once for each request, and not at 0', () => {
    const { cpu, view, kvm } = made();

    cpu.wrmsr(NEW_DATE, AT, 0);
    kvm.refresh();
    cpu.wrmsr(NEW_DATE, 0, 0);
    cpu.wrmsr(NEW_DATE, AT, 0);

    expect([view.getUint32(AT, true), view.getUint32(0, true)]).toEqual([4, 0]);
  });
});

describe('stolen time', () => {
  test('only grows, with an even version', () => {
    const { cpu, view } = made({ features: ALL });
    cpu.wrmsr(STEAL_TIME, AT | 1, 0);

    cpu.steal(300);
    cpu.steal(2 ** 33);

    expect([view.getBigUint64(AT, true), view.getUint32(AT + 8, true)]).toEqual([2n ** 33n + 300n, 6]);
  });

  test('says in one byte that the processor does not run, and the version stays', () => {
    const { cpu, view } = made({ features: ALL });
    cpu.wrmsr(STEAL_TIME, AT | 1, 0);

    cpu.preempt();
    const meanwhile = [view.getUint8(AT + 16), view.getUint32(AT + 8, true)];
    cpu.steal(1);

    expect([meanwhile, view.getUint8(AT + 16)]).toEqual([[1, 2], 0]);
  });
});

describe('a page that is ready', () => {
  test('raises an interrupt with its token, and the next one waits for the acknowledgement', () => {
    const { cpu, view, sent } = made({ features: ALL });
    cpu.wrmsr(ASYNC_PF_INT, 0xf3, 0);
    cpu.wrmsr(ASYNC_PF_EN, AT | 9, 0);

    cpu.pageReady(7);
    cpu.pageReady(8);
    const first = [view.getUint32(AT + 4, true), sent.length];
    view.setUint32(AT + 4, 0, true);
    cpu.wrmsr(ASYNC_PF_ACK, 1, 0);

    expect([first, view.getUint32(AT + 4, true)]).toEqual([[7, 1], 8]);
    expect(sent).toEqual([
      [0xfee0_0000, 0xf3],
      [0xfee0_0000, 0xf3],
    ]);
  });
});

describe('an EOI', () => {
  test('was skipped if the guest cleared the bit', () => {
    const { cpu, view } = made({ features: ALL });
    cpu.wrmsr(PV_EOI_EN, AT | 1, 0);

    cpu.offerEoi();
    const left = cpu.tookEoi();
    cpu.offerEoi();
    view.setUint32(AT, 0, true);

    expect([left, cpu.tookEoi()]).toEqual([false, true]);
  });
});

describe('what KVM refuses', () => {
  test.each([
    ['reserved bits of ASYNC_PF_EN', ASYNC_PF_EN, 0x10, 0],
    ['reserved bits of STEAL_TIME', STEAL_TIME, 0x3, 0],
    ['a word for EOIs that is not aligned', PV_EOI_EN, 0x2003, 0],
    ['a word for EOIs outside RAM', PV_EOI_EN, 0x10_0001, 0],
    ['pages that are ready outside RAM', ASYNC_PF_EN, 0x10_0001, 0],
    ['more than a bit of POLL_CONTROL', POLL_CONTROL, 2, 0],
    ['more than a vector', ASYNC_PF_INT, 0x100, 0],
    ['the upper word of a vector', ASYNC_PF_INT, 0, 1],
    ['a number without an MSR', 0x4b56_4d99, 0, 0],
  ])('%s', (_what, index, low, high) => {
    const { cpu } = made({ features: ALL });

    expect(cpu.wrmsr(index, low, high)).toBe(false);
  });

  test('nothing for want of a feature, unless it was asked to', () => {
    const [lenient, strict] = [made(), made({ enforce: true })];

    const given = [STEAL_TIME, PV_EOI_EN, POLL_CONTROL, SYSTEM_TIME, NEW_TIME];
    const answers = [lenient, strict].map(({ cpu }) => given.map((index) => cpu.rdmsr(index)));

    expect(answers).toEqual([
      [true, true, true, true, true],
      [true, false, false, false, true],
    ]);
  });

  test('interrupts for pages, and exits for them, without their features', () => {
    const { cpu } = made({ features: 0x10, enforce: true });

    expect([0x9, 0x5, 0x1].map((bits) => cpu.wrmsr(ASYNC_PF_EN, AT | bits, 0))).toEqual([false, false, true]);
  });

  test('is all undone by a reset, but for polling', () => {
    const { cpu, kvm } = made({ features: ALL });
    cpu.wrmsr(POLL_CONTROL, 0, 0);
    cpu.wrmsr(NEW_TIME, AT | 1, 0);

    kvm.reset();

    const values = [POLL_CONTROL, NEW_TIME].map((index) => [cpu.rdmsr(index), cpu.eax]);
    expect(values).toEqual([
      [true, 1],
      [true, 0],
    ]);
  });
});

describe('CPUID', () => {
  const leafOf = (plan: Partial<KvmPlan>, leaf: number) => {
    const { cpu } = made(plan);
    cpu.cpuid(leaf);
    return [cpu.eax, cpu.ebx, cpu.ecx, cpu.edx];
  };

  test.each([
    ['the signature', {}, 0x4000_0000, [0x4000_0001, 0x4b4d_564b, 0x564b_4d56, 0x4d]],
    ['that of old hosts', { oldLeaf: true }, 0x4000_0000, [0, 0x4b4d_564b, 0x564b_4d56, 0x4d]],
    [
      'that behind another hypervisor',
      { leaf: 0x4000_0100 },
      0x4000_0100,
      [0x4000_0101, 0x4b4d_564b, 0x564b_4d56, 0x4d],
    ],
    ['the features and hints', { hints: 1 }, 0x4000_0001, [0x0100_00a8, 0, 0, 1]],
    ['a leaf behind them', {}, 0x4000_0002, [0, 0, 0, 0]],
    ['an invariant TSC', {}, 0x8000_0007, [0, 0, 0, 0x100]],
  ])('has %s', (_what, plan, leaf, words) => {
    expect(leafOf(plan, leaf)).toEqual(words);
  });

  test('says that there is a hypervisor', () => {
    expect(leafOf({}, 1)[2]! >>> 31).toBe(1);
  });
});

test('hypercalls are unknown but for the kick, and that without its feature', () => {
  const [cpu, plain] = [made().cpu, made({ features: 0, enforce: true }).cpu];

  const results = [cpu, plain].map((of) =>
    [5, 10, 99].map((number) => {
      of.vmcall(number);
      return of.eax | 0;
    }),
  );

  expect(results).toEqual([
    [0, -1000, -1000],
    [-1000, -1000, -1000],
  ]);
});

test("KVM's numbers are known, and no others", () => {
  expect([0x11, 0x12, 0x10, 0x4b56_4d00, 0x4b56_4dff, 0x4b56_4e00].map(isKvmMsr)).toEqual([
    true,
    true,
    false,
    true,
    true,
    false,
  ]);
  expect(msrOf(0x4b56_4d08)).toBeUndefined();
});
