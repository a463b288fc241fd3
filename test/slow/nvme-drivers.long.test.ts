import { describe, expect, test } from 'vitest';
import { conform } from '../../src/conformance/suite/conform.ts';
import { isFailure } from '../../src/conformance/suite/conformance.ts';
import { nvmeDriver } from '../../src/guest/index.ts';
import { gceC3 } from '../../src/index.ts';
import type { NvmeFunction } from '../../src/nvme/function.ts';
import { CSTS } from '../../src/nvme/registers/bar0.ts';
import { partOf } from '../repeats.ts';
import { load, make } from './compiled-drivers.ts';

/** The firmware of a C3 keeps seven mebibytes. */
const SMALL = { memory: { below4G: 32 << 20 } };

type Mistake = readonly [mistake: string, file: string, place: string, instead: string, clause: string];
const MISTAKES: Readonly<Record<'c' | 'rust', readonly Mistake[]>> = {
  c: [
    [
      'names a second page that does not begin where a page does',
      'nvme.c',
      'data + PAGE : 0',
      'data + PAGE + 512 : 0',
      'nvme/PRP-OFFSET',
    ],
    ['does not say how long entries are', 'nvme.c', 'ENTRIES | ENABLE', 'ENABLE', 'nvme/CC-ENTRIES'],
  ],
  rust: [
    [
      'places a list of pages at an odd word',
      'nvme.rs',
      'self.list as u32,',
      'self.list as u32 + 4,',
      'nvme/PRP-LIST',
    ],
    [
      'sets CC.EN while the controller is still ready',
      'controller.rs',
      '        if !self.becomes(READY, 0) {\n            return false;\n        }\n        admin.clear();',
      '        admin.clear();',
      'nvme/EN-READY',
    ],
  ],
};

describe.each(partOf([['C', 'c'] as const, ['Rust', 'rust'] as const], 2, 1))(
  'the NVMe driver in %s',
  (_name, language) => {
    const conformed = (hostile: boolean) =>
      conform(load(language, 'nvme').model(), { profile: 'gce-c3', machine: SMALL, hostile });

    test('is compiled without warnings, conforms, and bears what a device may say', () => {
      expect(make(language, 'nvme')).toBe('');
      const { stopped, hard, verdicts } = conformed(true);

      expect([stopped, hard]).toEqual([[], true]);
      expect(verdicts.filter(isFailure).map(({ clause }) => clause)).toEqual([]);
    });

    test.each([512, 4096] as const)('writes and reads blocks of %i bytes', (blockSize) => {
      make(language, 'nvme');
      const machine = gceC3({ ...SMALL, nvme: [{ namespaces: [{ bytes: 1 << 20, blockSize }] }] });
      const disk = machine.attach(load(language, 'nvme').driver());
      // More than a command moves.
      const bytes = Uint8Array.from({ length: 20 * 4096 }, (_, i) => i * 5 + (i >> 9));
      const back = new Uint8Array(bytes.length);

      const said = [disk.call('write', 16n, bytes), disk.call('read', 16n, back)];

      expect(said).toEqual([0, 0]);
      expect(Buffer.compare(back, bytes)).toBe(0);
      expect(machine).toMatchObject({ findings: [] });
    });

    test('starts a controller that failed in other hands', () => {
      make(language, 'nvme');
      const machine = gceC3({ ...SMALL, nvme: [{ namespaces: [{ bytes: 1 << 20 }] }] });
      machine.attach(nvmeDriver);
      machine.nvme[0]!.fail();

      expect(machine.attach(load(language, 'nvme').driver()).call('run')).toBe(0);
    });

    test('shuts nothing down once a command was lost', () => {
      make(language, 'nvme');
      const machine = gceC3({ ...SMALL, nvme: [{ namespaces: [{ bytes: 1 << 20 }] }] });
      const disk = machine.attach(load(language, 'nvme').driver());
      machine.nvme[0]!.stall(1);
      const used = disk.call('run');
      const { controller } = machine.nvme[0]!.fn as unknown as NvmeFunction;
      const stopped = disk.call('stop');

      expect([used, stopped, controller.csts & CSTS.mask.SHST]).toEqual([-1, -1, 0]);
    });

    test('is not for a controller above 4 GiB, where its 32 bits do not lead', () => {
      make(language, 'nvme');
      const machine = gceC3({ ...SMALL, firmware: { barsAbove4G: true } });

      expect(() => machine.attach(load(language, 'nvme').driver())).toThrow('attach');
    });

    test.each<Mistake>(MISTAKES[language])('is told when it %s', (_mistake, file, place, instead, clause) => {
      make(language, 'nvme', [file, place, instead]);
      const { verdicts } = conformed(false);

      expect(verdicts.filter(isFailure).map((each) => each.clause)).toContain(clause);
    });
  },
);
