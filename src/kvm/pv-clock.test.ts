import { describe, expect, test } from 'vitest';
import { AT, clockAt, made, SECOND, timeBy, tscOf } from './rig.ts';
import { scaleOf, Ticks } from './time.ts';

const [SYSTEM_TIME, NEW_TIME, NEW_DATE] = [0x12, 0x4b56_4d01, 0x4b56_4d00];

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
