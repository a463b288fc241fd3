import { describe, expect, test } from 'vitest';
import { barAddress, type GvnicDriver, gvnic, SECOND } from '../src/guest/index.ts';
import * as reg from '../src/gvnic/registers/mailbox.ts';
import { gceN1 } from '../src/machine/gce-n1.ts';
import { makeFrame, partsOf } from '../src/net/frame/make.ts';

const FRAME = makeFrame();
/** A slot that no ring of requests has. */
const BEHIND = 4000;
const MODES = ['polled', 'msix'] as const;

function start(interrupts: (typeof MODES)[number], more: object = {}, nicMore: object = {}, use = {}) {
  const machine = gceN1({ nics: [{ type: 'gvnic', gvnic: { mailbox: true, ...more }, ...nicMore }] });
  return { machine, nic: machine.attach(gvnic({ interrupts, ...use })), card: machine.nics[0]! };
}

const takeAll = (nic: GvnicDriver, count: number) =>
  Array.from({ length: count }, () => nic.receiveWithin(SECOND));

describe.each(MODES)('a card with a mailbox, %s', (mode) => {
  test('sends and receives through many laps of its rings', () => {
    const { machine, nic, card } = start(mode, {}, { ringSize: 256 });
    const frames = Array.from({ length: 600 }, (_, port) => makeFrame({ port }));

    for (const frame of frames) nic.post(frame);
    nic.flush();
    const got = frames.map((frame) => {
      card.receive(frame);
      return nic.receiveWithin(SECOND);
    });

    expect(card.sent).toEqual(frames);
    expect(got).toEqual(frames);
    expect([nic.format, nic.formats, nic.mac, nic.mtu]).toEqual(['DQO_RDA', ['DQO_RDA'], card.mac, 1460]);
    expect(machine.findings).toEqual([]);
  });

  test('cuts, joins, checks and hashes as the other form does', () => {
    const { nic, card } = start(mode);
    const { upper, field, payload } = partsOf();
    const large = makeFrame({ payload: new Uint8Array(5000), sum: 'partial' });

    nic.sendOffloaded(large, {
      csumStart: upper,
      csumOffset: field,
      cut: { mss: 1400, headerLength: payload },
    });
    card.receive(...card.sent);

    expect(card.sent.length).toBe(4);
    expect(nic.receiveWithin(SECOND)!.length).toBe(large.length);
    expect([nic.last!.checked, nic.last!.segmentSize, nic.last!.hash > 0]).toEqual([true, 1400, true]);
  });

  test('spreads flows over four pairs', () => {
    const { nic, card } = start(mode, {}, { queues: 4 }, { pairs: 4 });

    for (let pair = 0; pair < 4; pair++) nic.send(FRAME, pair);
    for (let port = 0; port < 40; port++) card.receive(makeFrame({ port }));

    expect([nic.pairs, card.sentTotal, takeAll(nic, 40).every((frame) => frame !== null)]).toEqual([
      4,
      4,
      true,
    ]);
  });

  test('is set up anew when its host resets it', () => {
    const { nic, card } = start(mode);
    nic.send(FRAME);

    card.askForReset();
    nic.receiveWithin(1000);
    nic.send(FRAME);
    card.receive(FRAME);

    expect([nic.resets, card.sentTotal, nic.receiveWithin(SECOND)]).toEqual([1, 2, FRAME]);
  });

  test('tells when the link goes down, and sends nothing then', () => {
    const { nic, card } = start(mode);

    card.setLink(false);
    nic.send(FRAME);
    expect([nic.linkUp, card.sentTotal]).toEqual([false, 0]);

    card.setLink(true);
    nic.send(FRAME);
    expect([nic.linkUp, card.sentTotal]).toEqual([true, 1]);
  });
});

test('a driver closes the card, and another takes it', () => {
  const { machine, nic, card } = start('msix');
  nic.send(FRAME);
  nic.close();

  machine.attach(gvnic({ interrupts: 'polled' })).send(FRAME);

  expect([card.sentTotal, machine.findings]).toEqual([2, []]);
});

test('a card with a mailbox takes flow rules and tells its time', () => {
  const { nic, card } = start('polled', { offer: ['FLOW_STEERING', 'NIC_TIMESTAMP'] }, { queues: 2 });
  // The driver has one queue: what is for the other is lost.
  const rule = { type: 'TCPv4', queue: 1, destinationPort: 80 } as const;
  for (let location = 99; location >= 0; location--) nic.addFlowRule({ ...rule, location });
  expect(nic.flowRules()).toEqual(Array.from({ length: 100 }, (_, location) => location));

  card.receive(FRAME);
  expect(nic.receive()).toBeNull();
  for (let location = 0; location < 100; location++) nic.removeFlowRule(location);
  card.receive(FRAME);

  expect([nic.receive(), nic.flowRules()]).toEqual([FRAME, []]);
  const [before, after] = [nic.time(), nic.time()];
  expect(after).toBeGreaterThan(before);
  expect(BigInt(nic.last!.timestamp!)).toBeLessThan(before);
});

test('its packets miss as those of the other form', () => {
  const { nic, card } = start('msix', { completions: { misses: 2 } });

  for (let i = 0; i < 50; i++) nic.send(FRAME);

  expect(card.sentTotal).toBe(50);
});

test.each([
  [{ formats: ['GQI_QPL'] }, /nics\.gvnic\.formats must be left out, or DQO_RDA alone, with a mailbox/],
  [{ commandLatency: 5 }, /nics\.gvnic\.commandLatency must be left out, with a mailbox; got 5/],
  [{ formats: ['DQO_RDA', 'DQO_QPL'] }, /must be left out, or DQO_RDA alone/],
])('a mailbox with %o is refused', (more, said) => {
  expect(() => start('polled', more)).toThrow(said);
});

test('it has its own identity, and 256 MiB behind BAR0', () => {
  const { machine } = start('polled');
  const fn = machine.functions.find(({ name }) => name === 'net0')!;

  expect([fn.readConfig(2, 2), fn.bars.map(({ region }) => region.size)]).toEqual([
    0x0043,
    [0x1000_0000, 64],
  ]);
});

test.each([
  ['head', reg.TX_HEAD],
  ['tail', reg.TX_TAIL],
])('with a %s behind its ring of requests none is taken, nor looked for by the judge', (_name, register) => {
  const { machine, card } = start('polled');
  const at = barAddress(machine.port, card.fn.bdf, 0)!.address + reg.MAILBOX_AT;
  const head = () => machine.port.read(at + reg.TX_HEAD.offset, 4);

  machine.port.write(at + register.offset, BEHIND, 4);
  const before = head();
  machine.port.write(at + reg.TX_TAIL.offset, register === reg.TX_TAIL ? BEHIND : 0, 4);

  expect(head()).toBe(before);
});

test.each(['NEGOTIATE_CAPABILITIES', 'GET_INTERRUPT_DBS', 'CREATE_TX_QUEUES'] as const)(
  'its driver gives up if %s is answered with too little',
  (name) => {
    const machine = gceN1({ nics: [{ type: 'gvnic', gvnic: { mailbox: true } }] });
    const { port } = machine;
    const read = (address: number, into: Uint8Array) => {
      port.memory.read(address, into);
      const isAnswer = into.length === reg.mailbox_desc.size;
      if (isAnswer && reg.mailbox_desc.decode(into).opcode === reg.MAILBOX_OPCODE[name])
        reg.mailbox_desc.encode({ length: 1 }, into);
    };
    const memory = Object.create(port.memory, { read: { value: read } });
    const behind = Object.create(port, { memory: { value: memory } });

    const attach = () => gvnic({ interrupts: 'polled' }).attach(behind, machine.nics[0]!.fn.bdf);

    expect(attach).toThrow('is answered with 1 bytes');
  },
);
