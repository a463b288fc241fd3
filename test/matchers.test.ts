import { describe, expect, test } from 'vitest';
import '../src/vitest/index.ts';
import { UartDriver } from '../src/guest/index.ts';
import { assertConforms, ConformanceError, gceN1, judge, type Machine, renderFinding } from '../src/index.ts';

const [COM1, THR] = [0x3f8, 0];

/** A driver that does not wait. */
function printAtOnce(machine: Machine): void {
  const port = machine.port;
  for (const byte of [0x61, 0x62]) port.out(COM1 + THR, byte, 1);
}

function broken(): Machine {
  const machine = gceN1();
  new UartDriver(machine.port, COM1).write(Uint8Array.of(0x61));
  printAtOnce(machine);
  return machine;
}

function errorOf(act: () => void): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  return new Error('nothing was thrown');
}

describe('a machine whose driver broke a rule', () => {
  test('does not conform, and the error has each finding in words', () => {
    const machine = broken();

    const error = errorOf(() => expect(machine).toConform());

    expect(error).toBeInstanceOf(ConformanceError);
    const [first] = machine.findings;
    expect(error.message).toBe(`the driver broke 1 clause\n\n${renderFinding(first!)}`);
  });

  test('points to the line of the driver, without our frames before it', () => {
    const error = errorOf(() => expect(broken()).toConform());

    const [first] = error.stack!.slice(error.stack!.indexOf('\n    at ')).trim().split('\n');
    expect(first).toMatch(/at printAtOnce \(.*matchers\.test\.ts:11:\d+\)/);
  });

  test('has broken those clauses, and no others', () => {
    const machine = broken();

    expect(machine).not.toConform();
    expect(machine).toHaveBroken('uart/THR-FULL');
    expect(machine).not.toHaveBroken('uart/DIVISOR');
  });

  test('names the clause that it broke instead of the expected one', () => {
    const error = errorOf(() => expect(broken()).toHaveBroken('uart/DIVISOR'));

    expect(error.message).toContain('the driver did not break uart/DIVISOR, but:\n\nuart/THR-FULL');
  });

  test('is reported without any matcher, too', () => {
    expect(() => assertConforms(broken())).toThrow(ConformanceError);
  });

  test('keeps no stack if the option says so', () => {
    const machine = gceN1({ judge: { stack: false } });
    machine.port.out(COM1 + 3, 0x03, 1);
    printAtOnce(machine);

    expect(machine.findings.map(({ stack }) => stack)).toEqual(['']);
  });
});

test('findings are rendered by map, despite its further arguments', () => {
  const { findings } = broken();

  expect(findings.map(renderFinding)).toEqual([renderFinding(findings[0]!)]);
});

test('two runs of one seed find the same, wherever they were called', () => {
  const [one, other] = [broken(), broken()];

  expect(one.findings).toEqual(other.findings);
});

test('a machine whose driver did well conforms', () => {
  const machine = gceN1();
  new UartDriver(machine.port, COM1).write(Uint8Array.of(0x61));

  expect(machine).toConform();
});

describe('a judged model', () => {
  const model = (run: (machine: Machine) => void) => ({
    name: 'mine',
    drivers: [],
    run: (_port: unknown, _handles: unknown, machine: Machine) => run(machine),
  });

  test('that threw reports what it broke before', () => {
    const judgement = judge(
      model((machine) => {
        printAtOnce(machine);
        throw new Error('out of luck');
      }),
    );

    const error = errorOf(() => expect(judgement).toConform());

    expect(error.message).toContain(
      'the driver did not come to its end: Error: out of luck; the driver broke 1 clause',
    );
    expect(error.cause).toBe(judgement.stopped);
  });

  test('that did well conforms', () => {
    const judgement = judge(
      model((machine) => new UartDriver(machine.port, COM1).write(Uint8Array.of(0x61))),
    );

    expect(judgement).toConform();
  });
});

test('a clause that does not exist cannot have been broken', () => {
  expect(() => expect(broken()).toHaveBroken('uart/NONE' as never)).toThrow(
    'toHaveBroken must be a clause of the catalogue; got "uart/NONE"',
  );
});

describe('what is neither a machine nor a judgement is misuse, and not a broken rule', () => {
  test.each([[42], [null], [undefined], ['gceN1'], [[]], [{}], [gceN1]])('%s', (given) => {
    const said = 'a machine, or a result of judge() or conform()';

    expect(() => expect(given).toConform()).toThrow(said);
    expect(() => expect(given).not.toConform()).toThrow(said);
    expect(() => expect(given).toHaveBroken('pic/EOI')).toThrow(said);
    expect(() => assertConforms(given as never)).toThrow(said);
  });

  test('a machine without a judge', () => {
    const machine = gceN1({ judge: false });
    const said = 'a machine made with judge: false finds nothing';

    expect(() => expect(machine).toConform()).toThrow(said);
    expect(() => assertConforms(machine)).toThrow(said);
    expect(() => judge({ name: 'mine' }, { machine: () => machine })).toThrow(said);
  });
});

describe('a finding that only time reveals', () => {
  /** A clock that its guest stopped: no further access reveals it. */
  function standing(): Machine {
    const machine = gceN1();
    machine.port.out(0x70, 0x0b, 1);
    machine.port.out(0x71, 0x82, 1);
    machine.port.wait(() => false, 5_000_000_000);
    return machine;
  }

  test('is among the findings when they are read', () => {
    expect(standing().findings.map(({ clause }) => clause)).toEqual(['rtc/SET-LEFT']);
  });

  test('is thrown by an assertion', () => {
    const error = errorOf(() => assertConforms(standing()));

    expect(error.message).toContain('rtc/SET-LEFT');
  });
});
