import { describe, expect, test } from 'vitest';
import type { KvmPlan } from './kvm.ts';
import { isKvmMsr, msrOf } from './registers.ts';
import { ALL, AT, made } from './rig.ts';

const [SYSTEM_TIME, NEW_TIME] = [0x12, 0x4b56_4d01];
const [ASYNC_PF_EN, STEAL_TIME, PV_EOI_EN, POLL_CONTROL] = [
  0x4b56_4d02, 0x4b56_4d03, 0x4b56_4d04, 0x4b56_4d05,
];
const [ASYNC_PF_INT, ASYNC_PF_ACK] = [0x4b56_4d06, 0x4b56_4d07];

describe('stolen time', () => {
  test('only grows, with an even version', () => {
    const { cpu, view } = made({ features: ALL });
    cpu.wrmsr(STEAL_TIME, AT | 1, 0);

    cpu.steal(300);
    cpu.steal(2 ** 33);

    expect([view.getBigUint64(AT, true), view.getUint32(AT + 8, true)]).toEqual([2n ** 33n + 300n, 6]);
  });

  test('is added to what does not fit into a double', () => {
    const { cpu, view } = made({ features: ALL });
    view.setBigUint64(AT, 2n ** 53n + 2n ** 32n - 1n, true);
    cpu.wrmsr(STEAL_TIME, AT | 1, 0);

    cpu.steal(2);

    expect(view.getBigUint64(AT, true)).toBe(2n ** 53n + 2n ** 32n + 1n);
  });

  test('of before a reset is forgotten', () => {
    const { cpu, kvm, view } = made({ features: ALL });
    cpu.steal(300);
    kvm.reset('hard');

    cpu.wrmsr(STEAL_TIME, AT | 1, 0);

    expect(view.getBigUint64(AT, true)).toBe(0n);
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

describe('a page that is ready while the guest does not want to know', () => {
  test.each([
    ['nothing is enabled', 0],
    ['no interrupt is', AT | 1],
  ])('is not told, and keeps none back: %s', (_when, before) => {
    const { cpu, view, sent } = made({ features: ALL });
    cpu.wrmsr(ASYNC_PF_INT, 0xf3, 0);
    cpu.wrmsr(ASYNC_PF_EN, before, 0);

    cpu.pageReady(7);
    cpu.wrmsr(ASYNC_PF_EN, AT | 9, 0);
    cpu.pageReady(8);

    expect([view.getUint32(AT + 4, true), sent.length]).toEqual([8, 1]);
  });
});

describe('an EOI', () => {
  test('was skipped if the guest cleared the bit', () => {
    const { cpu, view } = made({ features: ALL });
    cpu.wrmsr(PV_EOI_EN, AT | 1, 0);

    cpu.offerEoi();
    const left = cpu.tookEoi(true);
    cpu.offerEoi();
    view.setUint32(AT, 0, true);

    expect([left, cpu.tookEoi(false)]).toEqual([false, true]);
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

    kvm.reset('hard');

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

test('a TSC is behind where the guest put it, not where the host had it', () => {
  const { cpu, kvm } = made();
  cpu.follow = () => {
    cpu.tscOffset.high = 0x5000;
  };
  const given: number[] = [];
  kvm.onRate = () => given.push(cpu.tscOffset.low, cpu.tscOffset.high);

  kvm.delay(0, 10);

  expect(given).toEqual([2 ** 32 - 10, 0x4fff]);
});

test("of MSRs that are not KVM's the watch learns nothing", () => {
  const { cpu, kvm } = made();
  const seen: number[] = [];
  const note = (_vcpu: number, index: number) => void seen.push(index);
  const idle = () => {};
  kvm.watchedBy({
    ...{ asked: idle, ticked: idle, called: idle, flagged: idle, eoiOffered: idle, reset: idle },
    ...{ msrRead: note, msrWritten: note },
  });

  for (const index of [0x1b, 0x10, SYSTEM_TIME]) {
    cpu.rdmsr(index);
    cpu.wrmsr(index, 0, 0);
  }

  expect(seen).toEqual([SYSTEM_TIME, SYSTEM_TIME]);
});

test('TSCs agree again once the power was off, and only then', () => {
  const { kvm, cpu } = made({ features: ALL });
  /** Of its low half: how far it is behind. */
  const lag = () => {
    cpu.rdtsc();
    return -cpu.eax >>> 0;
  };
  kvm.delay(0, 1);

  const late = lag();
  kvm.reset('hard');
  const kept = lag();
  kvm.reset('power');

  expect([late, kept, lag()]).toEqual([1, 1, 0]);
});
