import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DriverModel } from '../../src/conformance/index.ts';
import { conform } from '../../src/conformance/suite/conform.ts';
import { isFailure } from '../../src/conformance/suite/conformance.ts';
import { type Finding, gceN1, type Machine } from '../../src/index.ts';
import { placeOf } from '../../src/report/place.ts';
import { partOf } from '../repeats.ts';
import { COM1, load, make, nicModel, uartModel, work } from './compiled-drivers.ts';

const SMALL = { memory: { below4G: 16 << 20 } };
/** Without reports, stores are compared while a device has a chain. */
const DELAYED = 'devices that take 3 to 57 µs, each time a little longer';

/** The machine after one use of a driver. */
function judgedAlone(model: DriverModel): Machine {
  const machine = gceN1(SMALL);
  model.run!(machine.port, model.drivers!.map((driver) => machine.attach(driver)) as never, machine);
  return machine;
}

/** Clauses that a driver breaks somewhere in the suite. */
function broken(model: DriverModel): string[] {
  const { verdicts } = conform(model, { machine: SMALL });
  return verdicts.filter(isFailure).map(({ clause }) => clause);
}

type Mistake = readonly [mistake: string, edit: readonly string[], clauses: readonly string[]];

describe('the NIC driver in C', () => {
  describe('unchanged', () => {
    let said: string;
    beforeAll(() => {
      said = make('c', 'nic');
    });

    test('is compiled without warnings', () => {
      expect(said).toBe('');
    });

    test('conforms in the whole suite, with two seeds', () => {
      const { conforms, stopped, verdicts } = conform(nicModel(), { machine: SMALL, seeds: [1, 2] });

      expect(stopped).toEqual([]);
      expect(conforms).toBe(true);
      expect(verdicts.find(({ clause }) => clause === 'virtio/INIT-D13')!.outcome).toBe('pass');
    });

    test('leaves the order of its stores unreached if it is built without reporting each', () => {
      make('c', 'nic.plain');
      const outcomes = ['nic.plain', 'nic'].map((driver) => {
        const { conforms, verdicts } = conform(nicModel(driver), { machine: SMALL, scenarios: [DELAYED] });
        const of = (id: string) => verdicts.find(({ clause }) => clause === id)!.outcome;
        return [conforms, of('virtio/CLEAN-D1'), of('virtio/VQ-BARRIER-D1')];
      });

      expect(outcomes).toEqual([
        [true, 'pass', 'unreached'],
        [true, 'pass', 'pass'],
      ]);
    });
  });

  test.each<Mistake>(
    partOf<Mistake>(
      [
        ['that kicks without DRIVER_OK', ['nic.c', '  virtio_ready(base);\n', ''], ['virtio/INIT-D13']],
        [
          'that does not reset the function',
          [
            'virtio.c',
            '  out8(base + STATUS, 0);\n  if (!wait_until(is_reset, (void *)base, SECOND)) return 0;\n',
            '',
          ],
          ['virtio/STATUS-D2', 'virtio/INIT-D1'],
        ],
        [
          'whose buffers are too short',
          ['nic.c', 'nic->incoming + HEADER, FRAME, WRITE', 'nic->incoming + HEADER, 60, WRITE'],
          ['virtio/NET-RXB-D2'],
        ],
        [
          'that lends what is to be written as what is to be read',
          ['nic.c', 'HEADER, FRAME, WRITE', 'HEADER, FRAME, READ'],
          ['virtio/VQ-FRAME-D1'],
        ],
        [
          'that counts two for one chain',
          ['virtio.c', '++queue->added', '(queue->added += 2)'],
          ['virtio/VQ-IMP-4', 'virtio/VQ-BARRIER-D1'],
        ],
      ],
      3,
    ),
  )('%s is told so', (_mistake, edit, clauses) => {
    make('c', 'nic', edit);

    expect(broken(nicModel())).toEqual(clauses);
  });
});

type GvnicMistake = readonly [mistake: string, file: string, place: string, instead: string, clause: string];
const GVNIC_MISTAKES: Readonly<Record<'c' | 'rust', readonly GvnicMistake[]>> = {
  c: [
    [
      'says another length than it sends',
      'gvnic.c',
      'length << 16 | length',
      'length << 16 | FRAME',
      'gvnic/TX-LENGTH',
    ],
    [
      'gives more buffers than the ring has slots',
      'gvnic.c',
      'resources[0], BUFFERS',
      'resources[0], 2048',
      'gvnic/RX-COUNT',
    ],
  ],
  rust: [
    [
      'rings without the end of a packet',
      'gvnic.rs',
      'dqo::PACKET | dqo::END_OF_PACKET',
      'dqo::PACKET',
      'gvnic/DQO-END',
    ],
    ['gives a buffer back twice', 'gvnic.rs', '            nic.give(id);\n', '$&$&', 'gvnic/RX-TWICE'],
  ],
};

describe.each(partOf([['C', 'c', 'GQI_QPL'] as const, ['Rust', 'rust', 'DQO_RDA'] as const], 2))(
  'the gVNIC driver in %s',
  (_name, language, format) => {
    const MACHINE = { ...SMALL, nics: [{ type: 'gvnic' as const, gvnic: { formats: [format] } }] };
    const conformed = (hostile: boolean) =>
      conform(load(language, 'gvnic').model(), { machine: MACHINE, hostile });

    test('is compiled without warnings, conforms, and bears what a card may say', () => {
      expect(make(language, 'gvnic')).toBe('');
      const { stopped, verdicts } = conformed(true);

      expect(stopped).toEqual([]);
      expect(verdicts.filter(isFailure).map(({ clause }) => clause)).toEqual([]);
    });

    test.each<GvnicMistake>(partOf(GVNIC_MISTAKES[language], 2))(
      'is told when it %s',
      (_mistake, file, place, instead, clause) => {
        make(language, 'gvnic', [file, place, instead]);
        const { verdicts } = conformed(false);

        expect(verdicts.filter(isFailure).map((each) => each.clause)).toContain(clause);
      },
    );
  },
);

/** The `next` of a chain's last descriptor has no meaning, and still must not change. */
const CHANGES_DESCRIPTOR = [
  'virtio.c',
  '  out16(queue->base + QUEUE_NOTIFY, queue->number);',
  '$&\n  queue->desc[1].next ^= 7;',
];
const CHANGES_FRAME = [
  'nic.c',
  '  return wait_until(queue_is_done, nic->transmit',
  '  nic->outgoing[HEADER + 20] ^= 1;\n$&',
];

// A device that delays a kick has not taken the chain yet: if stores are seen, their order is then what is broken.
test.each(
  partOf<readonly [driver: string, what: string, edit: readonly string[], clauses: readonly string[]]>(
    [
      ['nic.plain', 'changes a descriptor that the device has', CHANGES_DESCRIPTOR, ['virtio/CLEAN-D1']],
      ['nic.plain', 'changes a frame that the device sends', CHANGES_FRAME, ['virtio/CLEAN-D2']],
      [
        'nic',
        'changes a descriptor that the device has',
        CHANGES_DESCRIPTOR,
        ['virtio/VQ-BARRIER-D1', 'virtio/CLEAN-D1'],
      ],
      ['nic', 'changes a frame that the device sends', CHANGES_FRAME, ['virtio/CLEAN-D2']],
    ],
    2,
  ),
)('in %s it is seen that it %s', (driver, _what, edit, clauses) => {
  make('c', driver, edit);

  expect(broken(nicModel(driver))).toEqual(clauses);
});

test('in the NIC driver in C that reports its stores, a descriptor written too late is seen', () => {
  make('c', 'nic', ['virtio.c', '  for (uint16_t i', '  queue->avail->index = queue->added + 1;\n$&']);

  expect(broken(nicModel('nic'))).toEqual(['virtio/VQ-BARRIER-D1']);
});

describe.each(partOf([['nic.plain'], ['nic']], 2))('the NIC driver in Rust, built as %s,', (driver) => {
  test('is compiled without warnings, and conforms in every scenario that uses it', () => {
    const said = make('rust', driver);
    const { conforms, stopped, runs } = conform(load('rust', driver).model(), { machine: SMALL });

    expect([said, stopped, conforms]).toEqual(['', [], true]);
    expect(runs.map(({ scenario }) => scenario)).toContain(
      'so many frames that the indices of a ring begin anew',
    );
  });

  test.each<Mistake>(
    partOf<Mistake>(
      [
        ['kicks without DRIVER_OK', ['nic.rs', '    function.ready();\n', ''], ['virtio/INIT-D13']],
        [
          'lends what is to be written as what is to be read',
          ['nic.rs', 'length: FRAME, access: WRITE', 'length: FRAME, access: READ'],
          ['virtio/VQ-FRAME-D1'],
        ],
        [
          'changes a frame that the device sends',
          [
            'nic.rs',
            '    if nic.transmit.wait()',
            '    body.wrapping_add(20).write_volatile(!body.wrapping_add(20).read_volatile());\n$&',
          ],
          ['virtio/CLEAN-D2'],
        ],
      ],
      3,
    ),
  )('that %s is told so', (_mistake, edit, clauses) => {
    make('rust', driver, edit);

    expect(broken(nicModel(driver, 'rust'))).toEqual(clauses);
  });
});

test('the NIC driver in C conforms in every scenario that uses it', () => {
  make('c', 'nic');
  const { conforms, stopped, skipped } = conform(load('c', 'nic').model(), { machine: SMALL });

  expect([stopped, conforms]).toEqual([[], true]);
  expect(skipped.map(({ reason }) => reason).join()).not.toMatch(/use\.(send|receive|stop)/);
});

/** The lines of a file of an example, from 1 on, in which a text stands. */
function linesWith(language: string, file: string, text: string): number[] {
  const lines = readFileSync(join(work, language, file), 'utf8').split('\n');
  return lines.flatMap((line, i) => (line.includes(text) ? [i + 1] : []));
}

test('a finding names the line of C that broke the clause, and the function', () => {
  make('c', 'nic', ['nic.c', '  virtio_ready(base);\n', '']);
  const { findings } = judgedAlone(nicModel());

  const { stack } = findings.find(({ clause }) => clause === 'virtio/INIT-D13')!;
  const [line] = linesWith('c', 'virtio.c', 'out16(queue->base + QUEUE_NOTIFY');
  const [caller] = linesWith('c', 'nic.c', 'queue_offer(nic->receive');

  expect(placeOf(stack, join(work, 'c'))).toEqual({ file: 'virtio.c', line, column: 3 });
  expect(stack).toContain(`at queue_offer (${join(work, 'c', 'virtio.c')}:${line}:3)`);
  expect(stack).toContain(`${join(work, 'c', 'nic.c')}:${caller}:3`);
});

test('a finding names the line of Rust that broke the clause', () => {
  make('rust', 'uart', ['uart.rs', 'wait_until(has_room, base, MILLISECOND)', '1']);
  const [{ stack }] = judgedAlone(uartModel('rust')).findings as [Finding];
  const [line] = linesWith('rust', 'uart.rs', 'out8(base + THR');

  expect(placeOf(stack, join(work, 'rust'))).toMatchObject({ file: 'uart.rs', line });
});

test('a trap names the line that it comes from', () => {
  make('c', 'nic', ['nic.c', '  if (length > FRAME) return -1;', '  if (length > FRAME) __builtin_trap();']);
  const nic = gceN1(SMALL).attach(load('c', 'nic').driver(({ device }) => device === 0x1000));
  const [line] = linesWith('c', 'nic.c', '__builtin_trap');

  expect(() => nic.call('send', new Uint8Array(2000))).toThrow(
    `nic.wasm: send trapped: unreachable, at nic.c:${line}`,
  );
});

test('a driver that polls its ring without end is ended within two seconds of a processor', () => {
  make('c', 'nic', [
    'nic.c',
    '  return wait_until(queue_is_done, nic->transmit, SECOND) ? 0 : -1;',
    '  for (;;) (void)nic->transmit->used->index;',
  ]);
  const nic = gceN1(SMALL).attach(load('c', 'nic').driver(({ device }) => device === 0x1000));
  const begin = process.cpuUsage();

  expect(() => nic.call('send', new Uint8Array(60))).toThrow(
    'nic.wasm: send made no access for 1500 ms, and did not return',
  );
  const { user, system } = process.cpuUsage(begin);
  expect(user + system).toBeLessThan(2_000_000);
});

describe.each(
  partOf(
    [
      ['C', 'c', ['uart.c', 'if (!wait_until(has_room, (void *)base, MILLISECOND)) return -1;', '']] as const,
      ['Rust', 'rust', ['uart.rs', 'wait_until(has_room, base, MILLISECOND)', '1']] as const,
    ],
    2,
    1,
  ),
)('the UART driver in %s', (_name, language, mistake) => {
  test('is compiled without warnings, prints, and reads a key', () => {
    const said = make(language, 'uart');
    const machine = gceN1();
    const uart = load(language, 'uart').on(machine.port);
    uart.call('start', COM1);
    uart.call('print', COM1, new TextEncoder().encode('hello'));
    machine.serial[0]!.type('y');
    machine.port.wait(() => false, 1_000_000);

    expect([said, uart.call('key', COM1)]).toEqual(['', 0x79]);
    expect(machine.serial[0]!.text).toBe('hello');
    expect(machine.findings).toEqual([]);
  });

  test('conforms in the whole suite', () => {
    make(language, 'uart');

    expect(conform(uartModel(language), { machine: SMALL })).toMatchObject({ conforms: true, stopped: [] });
  });

  test('that does not wait gets a finding', () => {
    make(language, 'uart', mistake);

    expect(broken(uartModel(language))).toEqual(['uart/THR-FULL']);
  });
});
