import { describe, expect, test } from 'vitest';
import { virtioNet } from '../../guest/index.ts';
import { gceN1 } from '../../index.ts';
import { QueueCounters } from './queue-counters.ts';
import { QueueRig } from './queue-rig.ts';

function watched() {
  const rig = new QueueRig();
  const counters = new QueueCounters();
  rig.queue.events = counters;
  return { ...rig, guest: rig.guest, queue: rig.queue, counts: counters.of(0) };
}

describe('the counters of a queue', () => {
  test('count chains, bytes written, and what is published together', () => {
    const { queue, guest, counts } = watched();
    guest.offer(guest.chain(8), guest.chain(8), guest.chain(8));

    while (queue.pop()) queue.push(queue.chain.id, 5);
    queue.flush();
    queue.flush();

    expect(counts).toEqual({ outstanding: 0, chains: 3, bytesWritten: 15, batches: 1 });
    expect(guest.take()).toHaveLength(3);
  });

  test('count buffers of one packet one by one', () => {
    const { queue, guest, counts } = watched();
    guest.offer(guest.chain(8), guest.chain(8));
    while (queue.pop());

    queue.pushTogether([0, 1], [8, 3], 2);
    queue.flush();

    expect(counts).toEqual({ outstanding: 0, chains: 2, bytesWritten: 11, batches: 1 });
  });

  test('count what the device still has, without what it put back', () => {
    const { queue, guest, counts } = watched();
    guest.offer(guest.chain(8), guest.chain(8), guest.chain(8));
    while (queue.pop());

    queue.rewind(1);

    expect(counts).toMatchObject({ outstanding: 2, chains: 0 });
  });

  test('have nothing outstanding after a reset', () => {
    const { queue, guest, counts } = watched();
    guest.offer(guest.chain(8));
    queue.pop();

    queue.reset();

    expect([counts.outstanding, queue.ready]).toEqual([0, false]);
  });

  test('stay with a device that changes its rings', () => {
    const machine = gceN1({ virtio: 'modern', ringFeatures: ['RING_PACKED'], nics: [{}] });
    const counters = new QueueCounters();

    machine.nics[0]!.watch(counters);
    machine.attach(virtioNet({ interrupts: 'polled' })).send(new Uint8Array(60));

    expect(counters.of(1)).toMatchObject({ chains: 1, batches: 1 });
  });
});
