import { expect, test } from 'vitest';
import { GCE_N1 } from './gce-n1.ts';
import { checkOptions } from './options.ts';
import { planFor } from './plan.ts';
import { QEMU_PC } from './qemu-pc.ts';

test('a plan has every choice made: what no option says, the profile does', () => {
  const { machine } = planFor(GCE_N1, { seed: 7, strictness: 'strict' });

  expect(machine).toMatchObject({
    seed: 7,
    vcpus: 1,
    judge: true,
    ram: { below4G: 128 << 20, above4G: 0 },
    serial: { irqs: [4, 3, 6, 7] },
    virtio: { manners: { shows: 'legacy', completion: null, strictness: 'strict', endian: 'le' } },
  });
});

test('all virtio devices of a plan have the same manners, but for completions of their own', () => {
  const latency = { latency: 1000 };
  const { machine, devices } = planFor(QEMU_PC, {
    balloon: true,
    rng: true,
    nics: [{ completion: latency }],
  });
  const { manners } = machine.virtio;
  const settings = devices.map((device) => device.settings);

  expect(settings).toContainEqual(expect.objectContaining({ adapter: expect.objectContaining({ manners }) }));
  expect(settings.filter((one) => (one as { manners?: unknown } | null)?.manners === manners)).toHaveLength(
    2,
  );
  expect(settings).toContainEqual([
    expect.objectContaining({
      manners: { ...manners, completion: expect.objectContaining({ latency: [1000, 1000] }) },
    }),
  ]);
});

test('a wrong option is refused while nothing was opened yet', () => {
  expect(() =>
    planFor(GCE_N1, { disks: [{ file: '/nowhere' }], guestEndian: 'big', virtio: 'modern' }),
  ).toThrow('guestEndian must be "little" unless virtio is "legacy"; got "big"');
});

test.each([
  ['options', (bytes: never) => bytes],
  ['memory', (memory: never) => ({ memory })],
  ['nics[0]', (nic: never) => ({ nics: [nic] })],
  ['disks[0]', (disk: never) => ({ disks: [disk] })],
] as const)('bytes in the place of %s are no object, and are not gone through', (path, optionsOf) => {
  const bytes = new Uint8Array(1 << 24) as never;

  expect(() => checkOptions(optionsOf(bytes))).toThrow(
    `${path} must be an object; got a Uint8Array of 16777216 bytes`,
  );
});
