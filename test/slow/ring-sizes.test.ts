import { describe, expect, test } from 'vitest';
import {
  acceptable,
  enumerate,
  isVirtio,
  TRANSPORT_FEATURES,
  VirtioDriver,
  type VirtioUse,
  virtioScsi,
} from '../../src/guest/index.ts';
import { gceN1, type Machine, type MachineOptions } from '../../src/index.ts';
import { VirtioFunction as Card } from '../../src/virtio/transport/function.ts';

/** The largest that Compute Engine was seen to have, and the largest there may be. */
const SEEN = 8192;
const MOST = 32_768;
const TRANSMIT = 1;
/** More RAM above 4 GiB than below: a ring's page number does not fit 20 bits there. */
const HIGH = { below4G: 16 << 20, above4G: 64 << 20, driversAbove4G: true };
/** What precedes a frame: two bytes more with VERSION_1. */
const LEGACY = { use: { interrupts: 'polled', legacy: true }, header: 10 } as const;
const MODERN = { use: { interrupts: 'polled' }, header: 12 } as const;

const WAYS: readonly {
  way: string;
  size: number;
  options: MachineOptions;
  guest: { use: VirtioUse; header: number };
}[] = [
  { way: 'legacy', size: SEEN, options: {}, guest: LEGACY },
  { way: 'legacy', size: MOST, options: { memory: HIGH }, guest: LEGACY },
  { way: 'transitional by its header', size: MOST, options: { virtio: 'transitional' }, guest: LEGACY },
  { way: 'transitional by its structures', size: MOST, options: { virtio: 'transitional' }, guest: MODERN },
  { way: 'modern', size: MOST, options: { virtio: 'modern', memory: HIGH }, guest: MODERN },
  {
    way: 'modern, packed',
    size: MOST,
    options: { virtio: 'modern', ringFeatures: ['RING_PACKED'] },
    guest: MODERN,
  },
];

/** A driver of the NIC's first transmit queue alone, and a frame in RAM for it to send: a header, then 60 bytes. */
function transmitter(machine: Machine, { use, header: bytes }: { use: VirtioUse; header: number }) {
  const { bdf } = enumerate(machine.port).find(({ id }) => isVirtio(id, 'net'))!;
  const device = new VirtioDriver(machine.port, bdf, 'transmitter', use);
  device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));
  const queue = device.addQueue(TRANSMIT, () => {});
  device.ready();
  const header = { address: machine.port.allocate(bytes, 1), length: bytes };
  const frame = { address: machine.port.allocate(60, 1), length: 60 };
  machine.port.memory.fill(header.address, 0, bytes);
  machine.port.memory.fill(frame.address, 0x5a, 60);
  return { device, queue, parts: [header, frame] };
}

describe.each(WAYS)('a ring of $size entries, $way', ({ size, options, guest }) => {
  test('is filled to the last entry and used up, until its indices have wrapped at 65536', () => {
    const machine = gceN1({ ...options, nics: [{ ringSize: size }], disks: [] });
    const { device, queue, parts } = transmitter(machine, guest);
    const chains = size / parts.length;
    const rounds = Math.ceil(65_536 / chains) + 1;
    let [back, full] = [0, 0];

    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < chains; i++) queue.add(parts, []);
      full += Number(queue.free === 0);
      device.kick(queue);
      queue.drain(() => back++);
    }

    expect([queue.size, full, back]).toEqual([size, rounds, rounds * chains]);
    expect(machine.nics[0]!.sentTotal).toBe(rounds * chains);
    expect(machine.findings).toEqual([]);
  });

  test('serves disks', () => {
    const machine = gceN1({ ...options, scsi: { ringSize: size }, nics: [], disks: [{ bytes: 1 << 20 }] });
    const host = machine.attach(virtioScsi(guest.use));
    const data = Uint8Array.from({ length: 64 << 10 }, (_, i) => i * 7);

    host.write(1, 8, data);

    expect(host.read(1, 8, data.length / 512)).toEqual(data);
    const [card] = machine.functions.filter((fn) => fn instanceof Card);
    expect(card!.device.queues.map((queue) => queue.size)).toEqual([size, size, size]);
    expect(machine.findings).toEqual([]);
  });
});

test('a legacy ring begins at a page, whose number is in the register, above 4 GiB too', () => {
  const machine = gceN1({ nics: [{ ringSize: MOST }], memory: HIGH });
  const { queue } = transmitter(machine, LEGACY);
  const header = machine.nics[0]!.fn.bars[0]!.mapped!;
  machine.port.out(header + 0x0e, TRANSMIT, 2);

  expect([queue.areas.desc % 4096, machine.port.in(header + 0x08, 4)]).toEqual([0, queue.areas.desc / 4096]);
  expect(queue.areas.desc).toBeGreaterThan(2 ** 32);
});
