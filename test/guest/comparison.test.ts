import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { MachineOptions } from '../../src/index.ts';
import { type Beyond, beyond } from './beyond.ts';
import {
  BEYOND_2024,
  BEYOND_AUGUST,
  BEYOND_FOUR,
  BEYOND_MARCH,
  BEYOND_TWO,
  BEYOND_UEFI,
} from './beyond-lines.ts';
import {
  EXCEPTIONS_2024,
  EXCEPTIONS_AUGUST,
  EXCEPTIONS_FOUR,
  EXCEPTIONS_MARCH,
  EXCEPTIONS_NOVEMBER,
} from './exceptions.ts';
import { EXCEPTIONS_UEFI } from './exceptions-uefi.ts';
import { gptDisk } from './gpt.ts';
import { boot, guestMachine, partitionedDisk, RAM } from './guest.ts';
import { type Comparison, compare, type Exception, expectedLines, kernelLines, normalise } from './log.ts';
import { wording } from './wording.ts';

/** The end of RAM below 4 GiB in the logs. */
const RAM_THERE = 0xc000_0000;

interface Log {
  readonly lines: number;
  readonly equal: number;
  readonly exceptions: readonly Exception[];
  /** How many of our lines it does not have, and which. */
  readonly only: number;
  readonly more: readonly Beyond[];
  /** The words with which its kernel was built or started. */
  readonly words?: string;
  /** Its machine, where it differs from `guestMachine`. */
  readonly machine: MachineOptions;
  /** RAM of that machine, if ours has as much. */
  readonly ram?: number;
}

/** 614 MiB, of an f1-micro. */
const RAM_UEFI = 0x2660_0000;

/** Our kernel is built for 32 serial ports, as Ubuntu's are. */
const FOUR_PORTS = '8250.nr_uarts=4';

const LOGS: Readonly<Record<string, Log>> = {
  'gce-2018-11': {
    lines: 143,
    equal: 118,
    only: 39,
    exceptions: EXCEPTIONS_NOVEMBER,
    more: BEYOND_TWO,
    words: FOUR_PORTS,
    machine: {},
  },
  'gce-2018-08': {
    lines: 140,
    equal: 104,
    only: 33,
    exceptions: EXCEPTIONS_AUGUST,
    more: BEYOND_AUGUST,
    machine: {
      vcpus: 4,
      maxCpus: 256,
      kvm: { tscKHz: 2_500_000 },
      disks: [{ medium: partitionedDisk(62_914_560) }],
    },
  },
  'gce-2018-11-4cpu': {
    lines: 169,
    equal: 121,
    only: 30,
    exceptions: EXCEPTIONS_FOUR,
    more: BEYOND_FOUR,
    machine: { vcpus: 4, date: '2018-11-21T08:21:02Z', disks: [{ medium: partitionedDisk(146_800_640) }] },
  },
  'gce-2023-11': {
    lines: 200,
    equal: 162,
    only: 18,
    exceptions: EXCEPTIONS_UEFI,
    more: BEYOND_UEFI,
    ram: RAM_UEFI,
    words: FOUR_PORTS,
    machine: {
      firmware: 'uefi',
      vcpus: 1,
      memory: { below4G: RAM_UEFI },
      rng: true,
      kvm: { tscKHz: 2_200_170 },
      disks: [{ medium: gptDisk(20_971_520, [1, 14, 15]) }],
      // Two seconds before the kernel there read the clock: here it reads it two seconds after power-on.
      date: '2023-11-17T04:03:43Z',
    },
  },
  'gce-2024-03': {
    lines: 46,
    equal: 44,
    only: 58,
    exceptions: EXCEPTIONS_MARCH,
    more: BEYOND_MARCH,
    machine: { firmware: { build: 2024 }, display: true, balloon: true, rng: true },
  },
  'gce-2024-08': {
    lines: 68,
    equal: 53,
    only: 98,
    exceptions: EXCEPTIONS_2024,
    more: BEYOND_2024,
    machine: { firmware: { build: 2024 } },
  },
};

describe.each(Object.entries(LOGS))(
  'the log %s',
  (name, { lines, equal, only, exceptions, more, machine, ram, words = '' }) => {
    const expected = expectedLines(readFileSync(new URL(`logs/${name}.txt`, import.meta.url), 'utf8'));
    const reword = wording(expected);
    const inOurWords = (line: string) => normalise(reword(line), ram ?? RAM_THERE);
    let compared: Comparison;
    let onlyOurs: string[];

    beforeAll(async () => {
      // At this level the kernel also prints messages for developers.
      const { text } = await boot(guestMachine(machine), `loglevel=8 ${words} -- quick`);
      const found = kernelLines(text, ram ?? RAM);
      compared = compare(expected, found, exceptions, inOurWords);
      onlyOurs = beyond(expected.map(inOurWords), found);
    });

    test('has its number of lines', () => {
      expect(expected.length).toBe(lines);
    });

    test('has no line that our boot has not, but for the exceptions', () => {
      expect(compared.missing).toEqual([]);
    });

    test('has every line of our boot that describes the machine, except declared ones', () => {
      expect(onlyOurs.filter((line) => !more.some(({ lines }) => lines.test(line)))).toEqual([]);
    });

    test('needs each of these declarations', () => {
      expect(more.filter(({ lines }) => !onlyOurs.some((line) => lines.test(line)))).toEqual([]);
    });

    test('lacks the declared number of lines of our boot', () => {
      expect(onlyOurs.length).toBe(only);
    });

    test('needs every exception', () => {
      expect(compared.needless).toEqual([]);
    });

    test('is equal in the declared number of lines', () => {
      expect([compared.equal.length, compared.excepted.length]).toEqual([equal, lines - equal]);
    });
  },
);
