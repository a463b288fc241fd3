import { describe, expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { KvmCpu } from './cpu.ts';
import { EXIT } from './registers.ts';
import { ScriptedVcpu, type Turn } from './rig.ts';

const MILLISECOND = 1_000_000;
const PM1_CONTROL = 0xb004;
/** SLP_EN, and SLP_TYP of soft off or of suspend to RAM. */
const S5 = [0, 0x20];
const SUSPEND = [0, 0x24];

function rig(...turns: readonly Turn[]) {
  const machine = gceN1({ memory: { below4G: 16 << 20 }, disks: [], nics: [] });
  // The firmware leaves its timer open.
  for (const port of [0x21, 0xa1]) machine.port.out(port, 0xff, 1);
  const vcpu = new ScriptedVcpu(...turns);
  const time = { catchUp: () => vcpu.now };
  return { machine, vcpu, cpu: new KvmCpu(machine, vcpu, time) };
}

/** Opens line 4 alone, on vector 24h, and has it up. */
function raiseIrq4({ machine }: Pick<ReturnType<typeof rig>, 'machine'>): void {
  for (const value of [
    [0x20, 0x11],
    [0x21, 0x20],
    [0x21, 4],
    [0x21, 1],
    [0x21, 0xef],
  ] as const)
    machine.port.out(value[0], value[1], 1);
  machine.chassis.interrupts.isa[4]!.source('test').set(true);
}

const halts: Turn = (page) => {
  page.can(true);
  return EXIT.hlt;
};

describe("a guest's end is", () => {
  test('power-off, by the power management of the machine', () => {
    const { cpu } = rig((page) => page.io(true, PM1_CONTROL, 2, S5));

    cpu.slice();

    expect(cpu.ended).toBe('off');
  });

  test('not sleep, from which it may wake', () => {
    const { cpu } = rig((page) => page.io(true, PM1_CONTROL, 2, SUSPEND));

    cpu.slice();

    expect(cpu.ended).toBeNull();
  });

  test('a reset', () => {
    const { cpu } = rig((page) => page.io(true, 0xcf9, 1, [6]));

    cpu.slice();

    expect(cpu.ended).toBe('reset');
  });

  test('a halt with interrupts off, which nothing ends', () => {
    const { cpu } = rig((page) => {
      page.can(false, false);
      return EXIT.hlt;
    });

    cpu.slice();

    expect(cpu.ended).toBe('halted');
  });

  test('a triple fault, with where it was and what it did last', () => {
    const { cpu } = rig(
      (page) => page.io(true, 0x3ff, 1, [0x5a]),
      () => EXIT.shutdown,
    );

    cpu.slice();

    expect(cpu.ended).toBe('crash');
    expect(cpu.crash).toMatchObject({ unable: null, cs: 0x10, rip: 'ffffffff81000000' });
    expect(cpu.crash!.accesses.map(({ text }) => text)).toEqual(['ttyS0 SCR ← 5a']);
  });

  test.each<readonly [string, Turn, string]>([
    ['an instruction', (page) => page.unknown([0xf0, 0x48]), 'it does not know the instruction at f0 48'],
    ['an exit', () => 99, 'exit 99'],
    ['whatever it says by errno', () => -14, 'KVM_RUN failed with errno 14'],
  ])('%s that KVM cannot do', (_what, turn, unable) => {
    const { cpu } = rig(turn);

    cpu.slice();

    expect(cpu.crash!.unable).toBe(unable);
  });
});

describe('an interrupt', () => {
  test('is taken from the 8259 pair when the processor can take it', () => {
    const { machine, vcpu, cpu } = rig((page) => {
      page.can(true);
      return EXIT.irqWindow;
    });
    const heard: number[] = [];
    machine.events.on('interrupt', (vector) => heard.push(vector));
    raiseIrq4({ machine });

    cpu.slice();

    expect([vcpu.vectors, heard]).toEqual([[0x24], [0x24]]);
  });

  test('waits while the processor cannot take it; the processor then says when it can', () => {
    const { machine, vcpu, cpu } = rig();
    raiseIrq4({ machine });

    cpu.slice();

    expect([vcpu.vectors, vcpu.page.asksForWindow]).toEqual([[], true]);
  });

  test('ends a halt', () => {
    const { machine, vcpu, cpu } = rig(halts);
    cpu.slice();
    raiseIrq4({ machine });

    cpu.slice();

    expect([vcpu.vectors, cpu.where.halted]).toEqual([[0x24], false]);
  });

  test('of a lower priority than CR8 waits: CR8 is the task priority of the local APIC', () => {
    const { machine, vcpu, cpu } = rig(
      (page) => {
        page.can(true);
        page.cr8 = 5;
        return EXIT.setTpr;
      },
      () => {
        machine.chassis.interrupts.message(0xfee0_0000, 0x41);
        return EXIT.irqWindow;
      },
    );

    cpu.slice();

    expect([machine.port.read(0xfee0_0080, 4), vcpu.vectors, vcpu.page.cr8]).toEqual([0x50, [], 5]);
  });
});

test('a halted processor executes nothing, and says for how long nothing is due', () => {
  const { machine, vcpu, cpu } = rig(halts);
  machine.chassis.board.clock.timer('test', () => {}).arm(3 * MILLISECOND);

  expect([cpu.slice(), cpu.slice()]).toEqual([3 * MILLISECOND, 3 * MILLISECOND]);
  expect(vcpu.runs).toBe(1);
});

test('a processor that computes lets the process do other work', () => {
  const { cpu } = rig();

  expect(cpu.slice()).toBe(0);
  expect(cpu.ended).toBeNull();
});

test('a closed machine notifies no processor', () => {
  const { machine, vcpu, cpu } = rig();

  cpu.close();
  machine.reset('hard');

  expect([vcpu.closed, cpu.ended]).toEqual([true, null]);
});
