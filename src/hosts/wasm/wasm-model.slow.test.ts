import { describe, expect, test } from 'vitest';
import type { HostTimeError } from '../../conformance/index.ts';
import { judge } from '../../conformance/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { driverOf, smallMachine } from './rig.ts';

/** `name` with these parameters, which runs `code`; it returns a number. */
const exported = (name: string, parameters: string, code: string) =>
  `(func (export "${name}") ${parameters} (result i32) ${code})`;
const ATTACH = exported('attach', '(param i32)', '(local.get 0)');
const IS_NIC = '(i32.eq (local.get 1) (i32.const 0x1000))';
const MATCHES = exported('matches', '(param i32 i32)', IS_NIC);
/** A counter in its memory, which a reload resets. */
const COUNT = `(global $at i32 (i32.const 0x810000))
  (func $count (result i32)
    (i32.store (global.get $at) (i32.add (i32.load (global.get $at)) (i32.const 1))) (i32.load (global.get $at)))`;
const OUT = '(import "guestrig" "out8" (func $out (param i32 i32)))';
/** Writes its argument to the scratch register of COM1. */
const NOTES = exported('run', '(param i32)', '(call $out (i32.const 0x3ff) (local.get 0)) (i32.const 0)');

describe('a module itself selects its PCI functions', () => {
  test('by vendor and device', () => {
    const machine = smallMachine();
    const driver = driverOf('', ATTACH + MATCHES).driver();

    const matched = machine.functions.filter(({ bdf }) => driver.matches(machine.idOf(bdf)!));

    expect(matched.map(({ subject }) => subject)).toEqual(['net0 (00:04.0)']);
  });

  test('or by all identifiers', () => {
    const asks = '(i32.and (i32.eq (local.get 2) (i32.const 0x020000)) (i32.eq (local.get 5) (i32.const 1)))';
    const all = exported('matches', '(param i32 i32 i32 i32 i32 i32)', asks);
    const id = { vendor: 0x8086, device: 3, class: 0x02_0000, revision: 0, subsystemVendor: 5, subsystem: 1 };
    const driver = driverOf('', ATTACH + all).driver();

    expect([driver.matches(id), driver.matches({ ...id, subsystem: 2 })]).toEqual([true, false]);
  });

  test('or else its user has to', () => {
    expect(() => driverOf('', ATTACH).driver()).toThrow(
      'driver.wasm: has no export "matches", which says what PCI functions it takes',
    );
  });
});

describe('a module as a model', () => {
  test('attaches, and runs with what attach returned', () => {
    const { port } = smallMachine();
    const { name, drivers, run } = driverOf(OUT, ATTACH + MATCHES + NOTES).model();

    run(port, [drivers[0]!.attach(port, 0x20)]);

    expect([name, drivers.length, port.in(0x3ff, 1)]).toEqual(['driver.wasm', 1, 0x20]);
  });

  test('may have nothing to run: it is only attached', () => {
    const { port } = smallMachine();
    const { drivers, run } = driverOf('', ATTACH + MATCHES).model();
    const handle = drivers[0]!.attach(port, 0x20);

    expect(() => run(port, [handle])).not.toThrow();
  });

  test('may have no function: it runs with 0', () => {
    const { port } = smallMachine();
    port.out(0x3ff, 7, 1);

    driverOf(OUT, NOTES).model().run(port, []);

    expect(port.in(0x3ff, 1)).toBe(0);
  });

  test('finds the functions of the machine', () => {
    const machine = smallMachine();
    const found = driverOf('', ATTACH + MATCHES)
      .model()
      .enumerate(machine.port);

    expect(found.map(({ bdf }) => bdf)).toEqual(machine.functions.map(({ bdf }) => bdf));
  });

  test('is reloaded at each start, so that it begins with its compiled state', () => {
    const { port } = smallMachine();
    const module = driverOf(
      '',
      `${COUNT} ${exported('run', '', '(drop (call $count)) (i32.const 0)')}
      ${exported('counted', '', '(call $count)')}`,
    );
    const { enumerate, run } = module.model();

    const counted = [1, 2].map(() => {
      enumerate(port);
      run(port, []);
      return module.on(port).call('counted');
    });

    expect(counted).toEqual([2, 2]);
  });

  test('that neither attaches nor runs cannot be judged', () => {
    expect(() => driverOf('', MATCHES).model()).toThrow(
      'driver.wasm: exports neither attach nor run, so there is nothing to be judged',
    );
  });

  test('fails when run returns anything but 0', () => {
    const { run } = driverOf('', exported('run', '', '(i32.const -1)')).model();

    expect(() => run(smallMachine().port, [])).toThrow('driver.wasm: run returned -1: it gave up');
  });
});

describe('a call that does not return is ended, and no other call for that', () => {
  const LOOP = '(loop $l (br $l)) (i32.const 0)';

  test.each([
    ['run', exported('run', '', LOOP)],
    [
      '_initialize',
      `(func (export "_initialize") (loop $l (br $l))) ${exported('run', '', '(i32.const 0)')}`,
    ],
  ])('of %s', (name, code) => {
    const { enumerate, run } = driverOf('', code, { timeout: 300 }).model();
    const start = () => {
      const { port } = gceN1({ memory: { below4G: 16 << 20 } });
      enumerate(port);
      run(port, []);
    };

    expect(start).toThrow(`driver.wasm: ${name} made no access for 300 ms, and did not return`);
    expect(start).toThrow(`driver.wasm: ${name} made no access for 300 ms, and did not return`);
  });

  test.each([
    ['attach', MATCHES + exported('attach', '(param i32)', LOOP)],
    ['matches', ATTACH + exported('matches', '', LOOP)],
  ])('of %s', (name, code) => {
    const machine = smallMachine();
    const { drivers } = driverOf('', code, { timeout: 300 }).model();
    const start = () => drivers[0]!.matches(machine.idOf(0x20)!) && drivers[0]!.attach(machine.port, 0x20);

    expect(start).toThrow(`driver.wasm: ${name} made no access for 300 ms, and did not return`);
  });

  test('nor for one that trapped', () => {
    const { run } = driverOf('', exported('run', '', 'unreachable')).model();
    const running = () => run(smallMachine().port, []);

    expect(running).toThrow('driver.wasm: run trapped: unreachable');
    expect(running).toThrow('driver.wasm: run trapped: unreachable');
  });
});

describe('a judged module', () => {
  /** A run calls it 26 times, for functions and for possible ones. */
  const TIRED = 40;
  const JUDGED = { machine: smallMachine, hostTime: 150 };
  const accesses = (count: number) =>
    `(local $i i32) (loop $l (call $out (i32.const 0x3ff) (local.get $i))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${count}))))`;

  test('is ended by its silence, and not by how long a call of it takes', () => {
    const module = driverOf(OUT, exported('run', '', `${accesses(1_000_000)} (i32.const 0)`), { timeout: 1 });

    expect(judge(module.model(), JUDGED).stopped).toBeNull();
  });

  test('that does not return is reported with its time limit and its present function', () => {
    const loop = '(func $poll (loop $l (br_if $l (i32.eqz (i32.load (i32.const 0x820000))))))';
    const module = driverOf(
      OUT,
      `${loop} ${exported('run', '', `${accesses(3)} (call $poll) (i32.const 0)`)}`,
    );

    const { stopped } = judge(module.model(), JUDGED) as { stopped: HostTimeError };

    expect(String(stopped)).toBe(
      "HostTimeError: did not return within 150 ms of the host's time, the last access port 03ff: ttyS0 SCR ← 02",
    );
    expect(stopped.stack).toMatch(/:wasm-function\[1\]:0x[0-9a-f]+\)\n {4}at \S+ \(\S+:wasm-function\[2\]:/);
  });

  test('begins each run with its compiled state, also after a call of `matches`', () => {
    const asked = '(global $asked (mut i32) (i32.const 0))';
    const count = '(global.set $asked (i32.add (global.get $asked) (i32.const 1)))';
    const tires = `${count} (if (i32.gt_u (global.get $asked) (i32.const ${TIRED})) (then unreachable)) ${IS_NIC}`;
    const once = `${asked} ${ATTACH} ${exported('matches', '(param i32 i32)', tires)} ${NOTES}`;
    const model = driverOf(OUT, once).model();

    expect([1, 2, 3].map(() => judge(model, JUDGED).stopped)).toEqual([null, null, null]);
  });
});
