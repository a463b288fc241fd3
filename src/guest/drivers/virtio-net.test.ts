import { describe, expect, test } from 'vitest';
import { pattern } from '../../core/bytes-rig.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { COMMAND } from '../../pci/registers.ts';
import { disable } from '../pci/config.ts';
import { virtioNet } from './virtio-net.ts';

describe('the network driver', () => {
  test('accepts only the allowed features, and those that they need', () => {
    const nic = gceN1().attach(virtioNet({ features: ['MAC', 'GUEST_TSO4'] }));

    expect(nic.features).toEqual(['MAC']);
  });

  test('uses every pair of queues', () => {
    const machine = gceN1({ vcpus: 4 });
    const nic = machine.attach(virtioNet());

    expect(nic.setPairs(4)).toBe(true);
    for (let pair = 0; pair < 4; pair++) nic.send(pattern(60, pair + 1), pair);

    expect(machine.nics[0]!.sent).toHaveLength(4);
    expect(machine.findings).toEqual([]);
  });

  test('detects that the link goes down', () => {
    const machine = gceN1();
    const nic = machine.attach(virtioNet());
    const before = nic.linkUp;

    machine.nics[0]!.setLink(false);

    expect([before, nic.linkUp]).toEqual([true, false]);
  });

  test('refuses what it did not negotiate', () => {
    const nic = gceN1().attach(virtioNet({ features: ['MAC'] }));

    expect(() => nic.setPairs(2)).toThrow('MQ');
    expect(() => nic.sendPartial(pattern(60, 1), 34, 16)).toThrow('CSUM');
  });

  test('gives up on a ring that is not served', () => {
    const machine = gceN1();
    const { port } = machine;
    const nic = machine.attach(virtioNet());
    disable(port, 4 << 3, COMMAND.mask.BUS_MASTER);

    expect(() => nic.send(pattern(60, 1))).toThrow(
      /^virtio-net 00:04.0: transmit queue 1 keeps 1 frames, at /,
    );
  });
});

test('a legacy network card accepts another address by its configuration, a modern one does not', () => {
  const address = Uint8Array.of(2, 0, 0, 0, 0, 7);
  const [old, modern] = [gceN1(), gceN1({ virtio: 'modern' })];
  const nic = old.attach(virtioNet());

  nic.setMac(address);

  expect([nic.mac, old.nics[0]!.mac, old.findings]).toEqual(['02:00:00:00:00:07', '02:00:00:00:00:07', []]);
  expect(() => modern.attach(virtioNet()).setMac(address)).toThrow('VERSION_1');
});
