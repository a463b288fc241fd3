import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GvnicDriver, gvnic, SECOND, virtioNet } from '../src/guest/index.ts';
import { SLOT_BYTES } from '../src/gvnic/registers/admin.ts';
import type { QueueFormat } from '../src/gvnic/registers/descriptor.ts';
import { gceN1 } from '../src/machine/gce-n1.ts';
import { makeFrame } from '../src/net/frame/make.ts';

const FORMATS: readonly QueueFormat[] = ['GQI_QPL', 'GQI_RDA', 'DQO_RDA', 'DQO_QPL'];
const FRAME = makeFrame();

function start(formats: readonly QueueFormat[], use: Parameters<typeof gvnic>[0] = {}, more: object = {}) {
  const machine = gceN1({ nics: [{ type: 'gvnic', gvnic: { formats: [...formats] }, ...more }] });
  return { machine, nic: machine.attach(gvnic(use)), card: machine.nics[0]! };
}

const took = (nic: GvnicDriver) => nic.receiveWithin(SECOND) !== null;

test.each(FORMATS)('a driver with %s rings resets the card when that asks for it, and goes on', (format) => {
  const { nic, card } = start([format]);
  nic.send(FRAME);

  card.askForReset();
  nic.receiveWithin(1000);
  nic.send(FRAME);
  card.receive(FRAME);

  expect([nic.resets, card.sentTotal, nic.receiveWithin(SECOND)]).toEqual([1, 2, FRAME]);
});

test('a card whose link is down sends nothing, takes nothing, and says so', () => {
  const { nic, card } = start(['GQI_QPL']);

  card.setLink(false);
  nic.send(FRAME);
  card.receive(FRAME);
  expect([nic.linkUp, card.sentTotal, nic.receiveWithin(1000)]).toEqual([false, 0, null]);

  card.setLink(true);
  nic.send(FRAME);
  expect([nic.linkUp, card.sentTotal]).toEqual([true, 1]);
});

describe('a card with four pairs', () => {
  test.each(FORMATS)('sends on each %s queue, and spreads flows over all', (format) => {
    const { nic, card } = start([format], { pairs: 4 }, { queues: 4 });

    for (let pair = 0; pair < 4; pair++) nic.send(FRAME, pair);
    for (let port = 0; port < 40; port++) card.receive(makeFrame({ port }));
    const got = Array.from({ length: 40 }, () => took(nic));

    expect([nic.pairs, card.sentTotal, got.every(Boolean)]).toEqual([4, 4, true]);
  });

  test('counts as many vectors as queues and one', () => {
    const machine = gceN1({ nics: [{ type: 'gvnic', queues: 4 }] });
    const [fn] = machine.functions.filter(({ name }) => name === 'net0');

    // 9 entries of 16 bytes, and their pending bits.
    expect(fn!.bars.map(({ region }) => region.size)).toEqual([0x1000, 256, 0x10_0000]);
  });
});

test('a card of revision 1 is set up and reset by its other registers', () => {
  const machine = gceN1({ nics: [{ type: 'gvnic', gvnic: { revision: 1 } }] });
  const nic = machine.attach(gvnic({ interrupts: 'polled' }));

  nic.send(FRAME);
  nic.close();
  const again = machine.attach(gvnic({ interrupts: 'polled' }));
  again.send(FRAME);

  expect([machine.nics[0]!.sentTotal, machine.findings]).toEqual([2, []]);
});

test('both kinds of cards are in one machine', () => {
  const machine = gceN1({ nics: [{ type: 'gvnic' }, {}] });
  const [one, other] = [machine.attach(gvnic()), machine.attach(virtioNet())];

  one.send(FRAME);
  other.send(FRAME);

  expect(machine.nics.map(({ type, mac, sentTotal }) => [type, mac, sentTotal])).toEqual([
    ['gvnic', '42:01:0a:80:00:02', 1],
    ['virtio', '42:01:0a:80:00:03', 1],
  ]);
});

test.each([
  [{ type: 'gvnic', mergeable: true }, /nics\.mergeable must be left out with type "gvnic"; got true/],
  [{ gvnic: {} }, /nics\.gvnic must be left out with type "virtio"/],
  [
    { type: 'gvnic', ringSize: 128 },
    /nics\.ringSize must be a power of two from 256 to 4096 with a gVNIC; got 128/,
  ],
  [{ type: 'gvnic', gvnic: { formats: [] } }, /formats must be a list of formats/],
] as const)('an option of the other kind of card is refused: %o', (nic, said) => {
  expect(() => gceN1({ nics: [nic as never] })).toThrow(said);
});

test.each(['DQO_RDA', 'DQO_QPL'] as const)(
  'a driver of %s rings loses no frame to misses and to completions that overtake each other',
  (format) => {
    const completions = { latency: [0, 300_000], misses: 3 } as const;
    const machine = gceN1({
      nics: [{ type: 'gvnic', gvnic: { formats: [format], completions }, ringSize: 256 }],
    });
    const nic = machine.attach(gvnic());
    const frames = Array.from({ length: 400 }, (_, port) => makeFrame({ port }));

    for (const frame of frames) nic.post(frame);
    nic.flush();

    const sorted = (all: readonly Uint8Array[]) => all.map(String).sort();
    expect(sorted(machine.nics[0]!.sent)).toEqual(sorted(frames));
    expect(machine.findings).toEqual([]);
  },
);

test('a flow rule sends packets to its queue, until it is removed', () => {
  const gvnicOptions = { offer: ['FLOW_STEERING'] as const };
  const machine = gceN1({ nics: [{ type: 'gvnic', queues: 2, gvnic: gvnicOptions as never }] });
  const nic = machine.attach(gvnic({ interrupts: 'polled' }));
  const [card] = machine.nics;
  // The driver has one queue: what is for the other is lost.
  const rule = {
    type: 'TCPv4',
    queue: 1,
    destinationPort: 80,
    source: Uint8Array.of(10, 128, 0, 2),
  } as const;
  nic.addFlowRule({ ...rule, location: 7 });
  nic.addFlowRule({ ...rule, location: 1, type: 'TCPv6', source: new Uint8Array(16) });

  card!.receive(FRAME, makeFrame({ port: 81 }));
  expect([nic.flowRules(), nic.receive(), nic.receive()]).toEqual([[1, 7], makeFrame({ port: 81 }), null]);

  nic.removeFlowRule(7);
  card!.receive(FRAME);
  expect([nic.flowRules(), nic.receive()]).toEqual([[1], FRAME]);
});

test.each([
  ['NIC_TIMESTAMP', true],
  ['RSS_CONFIG', false],
] as const)('a card that offers %s stamps frames: %s', (offer, stamps) => {
  const options = { formats: ['DQO_RDA'] as const, offer: [offer] };
  const machine = gceN1({ nics: [{ type: 'gvnic', gvnic: options as never }] });
  const nic = machine.attach(gvnic({ interrupts: 'polled' }));

  machine.nics[0]!.receive(FRAME);
  const came = machine.now;
  nic.receive();

  expect(nic.last!.timestamp).toBe(stamps ? came : null);
});

test('the clock of a card goes on', () => {
  const machine = gceN1({ nics: [{ type: 'gvnic', gvnic: { offer: ['NIC_TIMESTAMP'] } }] });
  const nic = machine.attach(gvnic());

  const [before, after] = [nic.time(), nic.time()];

  expect(after).toBeGreaterThan(before);
});

/** Bytes that a hostile driver writes in the place of its own, now and then. */
const SPOILT = fc.record({
  length: fc.constantFrom(8, 16, SLOT_BYTES),
  every: fc.integer({ min: 2, max: 9 }),
  at: fc.nat(SLOT_BYTES - 1),
  value: fc.nat(255),
});

test.each(FORMATS)(
  'nothing that a driver writes into %s rings and commands makes the card throw or hang',
  (format) => {
    fc.assert(
      fc.property(SPOILT, ({ length, every, at, value }) => {
        const machine = gceN1({
          nics: [{ type: 'gvnic', backend: 'loopback', gvnic: { formats: [format] } }],
        });
        const { port } = machine;
        let count = 0;
        const write = (address: number, from: Uint8Array) => {
          const bytes = from.slice();
          if (bytes.length === length && ++count % every === 0) bytes[at % length] = value;
          port.memory.write(address, bytes);
        };
        const memory = Object.create(port.memory, { write: { value: write } });
        const behind = Object.create(port, { memory: { value: memory } });
        try {
          const nic = gvnic({ interrupts: 'polled' }).attach(behind, machine.nics[0]!.fn.bdf);
          for (let i = 0; i < 10; i++) nic.post(FRAME);
        } catch (error) {
          expect((error as Error).name).toBe('DriverError');
        }
      }),
      { numRuns: 8 },
    );
  },
);
