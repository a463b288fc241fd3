import { beforeAll, describe, expect, test } from 'vitest';
import { LIES } from '../../src/conformance/hostile/index.ts';
import { conform, type DriverModel, isFailure } from '../../src/conformance/index.ts';
import { isVirtio } from '../../src/guest/index.ts';
import { partOf } from '../repeats.ts';
import { UNUSUAL_DISKS, UNUSUAL_NICS, type Unusual } from '../unusual/drivers.ts';
import { load, make } from './compiled-drivers.ts';

/** The lies alone. */
const ONLY = LIES.map(({ name }) => name);
const SMALL = { memory: { below4G: 16 << 20 } };

/** What a driver fell for, of all that it was told. */
function fallenFor(model: DriverModel, machine = {}): string[] {
  const report = conform(model, { hostile: true, scenarios: ONLY, machine });
  return report.verdicts.filter(isFailure).map(({ clause, findings }) => `${clause}: ${findings[0]!.said}`);
}

const CHECK = ['nic.c', 'written >= HEADER && written <= HEADER + FRAME && ', ''] as const;
const RUST_CHECK = ['nic.rs', 'length <= FRAME && ', ''] as const;

describe('a driver in WebAssembly', () => {
  beforeAll(() => {
    make('c', 'nic');
    make('c', 'uart');
    make('rust', 'nic');
  });

  test.each([
    ['c', 'nic'],
    ['c', 'uart'],
    ['rust', 'nic'],
  ])('of the examples, %s/%s, bears all that it is told', (language, driver) => {
    expect(fallenFor(load(language, driver).model(), SMALL)).toEqual([]);
  });
});

describe('a driver in WebAssembly that believes a used length', () => {
  test.each([
    ['c', CHECK],
    ['rust', RUST_CHECK],
  ])('falls, in %s', (language, mistake) => {
    make(language, 'nic', mistake);

    expect(fallenFor(load(language, 'nic').model(), SMALL).join('\n')).toMatch(/^hard\/USED-LENGTH-LONG: /m);
  });
});

function modelOf({ name, run }: Unusual, device: 'net' | 'scsi'): DriverModel {
  const driver = {
    name,
    matches: (id: Parameters<typeof isVirtio>[0]) => isVirtio(id, device),
    attach: (_port: unknown, bdf: number) => bdf,
  };
  return {
    name,
    drivers: [driver],
    run: (port, [bdf], machine) => run({ port, bdf: bdf as number, use: { interrupts: 'msix' } }, machine),
  };
}

/** What these drivers of tests take for granted: that a first disk is found, and that 61 pieces fit a ring. */
const TRUSTS =
  /^hard\/(SCSI-(?:RESIDUAL|TARGETS): .*reading 'target'|QUEUE-SIZE-ODD: .*MisuseError: segments)/;

describe('a good driver is accused of no lie but for what it trusts', () => {
  const doubted = (model: DriverModel) => fallenFor(model).filter((said) => !TRUSTS.test(said));

  test.each(partOf(UNUSUAL_NICS, 2).map((unusual) => [unusual.name, unusual] as const))(
    '%s',
    (_, unusual) => {
      expect(doubted(modelOf(unusual, 'net'))).toEqual([]);
    },
  );

  test.each(partOf(UNUSUAL_DISKS, 2).map((unusual) => [unusual.name, unusual] as const))(
    'of the disk: %s',
    (_, unusual) => {
      expect(doubted(modelOf(unusual, 'scsi'))).toEqual([]);
    },
  );
});
