import { describe, expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { elf64Of, HALT } from '../boot/kernel-rig.ts';
import { KvmHost } from './host.ts';

const machine = gceN1({ memory: { below4G: 16 << 20 }, disks: [], nics: [] });
const kernel = elf64Of(HALT);
// biome-ignore lint/suspicious/noExplicitAny: a caller without types passes any value
const anything = (value: unknown): any => value;

describe('before a system is asked for KVM', () => {
  test.each([
    ['nothing to boot', {}, undefined, 'boot: needs kernel or firmware: the bytes of one'],
    ['what is no kernel', { kernel: new Uint8Array(10) }, undefined, 'kernel: is no kernel for x86'],
    [
      'a BIOS on a machine that has one',
      { firmware: new Uint8Array(1 << 16) },
      undefined,
      'boot: a BIOS needs',
    ],
    ['options that are none', { kernel }, 1, 'options must be an object'],
    ['a "slow" that is neither true nor false', { kernel }, { slow: 1 }, 'slow must be true or false; got 1'],
  ])('%s is refused', async (_what, boot, options, said) => {
    await expect(KvmHost.create(machine, anything(boot), anything(options))).rejects.toThrow(said);
  });

  test('an object that is not a machine is refused', async () => {
    await expect(KvmHost.create(anything(null), { kernel })).rejects.toThrow(
      'machine must be a machine (example gceN1())',
    );
  });

  test('so is a "slow" that is not a boolean', async () => {
    await expect(KvmHost.check(anything({ slow: 'yes' }))).rejects.toThrow(
      'slow must be true or false; got "yes"',
    );
  });
});
