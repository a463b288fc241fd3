import type { Machine } from '../../src/index.ts';
import type { Unusual } from './drivers.ts';
import { DqoReceive, DqoTransmit } from './small-dqo.ts';
import { GqiReceive, GqiTransmit } from './small-gqi.ts';
import { ACK, EVENT, FORMAT, HALF, MASK, OP, PAGE, REG, SECOND, SmallGvnic } from './small-gvnic.ts';

type At = Parameters<Unusual['run']>[0];
const FRAME = new Uint8Array(60).fill(0xff, 0, 12).fill(0x08, 12, 13);
/** DQO blocks: enabled, with the interval that they have. */
const ENABLED = 0x19;
const [SENT, RECEIVED] = [0x18ae_5458, 0x18ae_5258];

function gqi(at: At): SmallGvnic {
  return new SmallGvnic(at).begin().describe().configure(FORMAT.GQI_QPL);
}

function dqo(at: At): SmallGvnic {
  const card = new SmallGvnic(at).begin().describe().configure(FORMAT.DQO_RDA);
  card.command(OP.TYPES, [0, 8, 2048], [8, 8, card.pages(2048)]);
  return card;
}

function arrive(machine: Machine, count: number): void {
  machine.nics[0]!.receive(...Array.from({ length: count }, () => FRAME));
}

/** Drivers of gVNICs with GQI rings as other projects have them. */
export const GQI_CARDS: readonly Unusual[] = [
  {
    name: 'goes by counters, names no sizes, gives the other half of a page, and refills half a ring at once',
    run: (at, machine) => {
      const card = gqi(at);
      const unsaid = { ring: 0, page: 0 };
      const sends = new GqiTransmit(card, unsaid);
      let receives: GqiReceive | null = null;
      const refill = (from: GqiReceive) => {
        while (from.head < from.tail + card.entries)
          from.give((from.head % from.slots) * PAGE + (Math.floor(from.head / from.slots) % 2) * HALF);
        from.kick();
      };
      const serve = (from: GqiReceive) => {
        from.tail = from.counted;
        if (from.head - from.tail <= card.entries / 2) refill(from);
      };
      card.onMessages(
        () => {},
        () => {
          serve(receives!);
          card.block(1, ACK);
          serve(receives!);
        },
        () => card.read(REG.STATUS),
      );
      receives = new GqiReceive(card, unsaid);
      refill(receives);
      card.block(1, ACK);
      for (let i = 1; i <= 60; i++) {
        sends.put(FRAME);
        sends.kick();
        arrive(machine, 30);
        if (!at.port.wait(() => receives?.tail === 30 * i, SECOND)) throw new Error('it is not told');
      }
      sends.drain();
    },
  },
  {
    name: 'releases what is there, polls with its blocks masked, has four and 32 pages, and closes',
    run: (at, machine) => {
      const card = new SmallGvnic(at);
      if (card.read(REG.PFN) !== 0) card.release();
      card.begin().describe(256).release().begin().configure(FORMAT.GQI_QPL);
      for (const block of [0, 1]) card.block(block, MASK);
      const sends = new GqiTransmit(card, { list: SENT, pages: 4 });
      const receives = new GqiReceive(card, { list: RECEIVED, pages: 32 });
      for (let i = 0; i < 64; i++) receives.give(i * HALF);
      receives.kick();
      for (let i = 0; i < 40; i++) {
        sends.send(FRAME);
        arrive(machine, 20);
        receives.serve();
      }
      card.destroy(OP.DESTROY_RX);
      card.destroy(OP.DESTROY_TX);
      for (const list of [SENT, RECEIVED]) card.command(OP.UNREGISTER, [0, 4, list]);
      card.command(OP.DECONFIGURE);
      card.release();
    },
  },
  {
    name: 'says RUN to a card that knows none, and acknowledges when all was taken',
    run: (at, machine) => {
      const card = new SmallGvnic(at).begin();
      card.write(REG.RUN, 1);
      card.describe().configure(FORMAT.GQI_QPL);
      for (const block of [0, 1]) card.block(block, 0);
      const sends = new GqiTransmit(card, { page: 0 });
      const receives = new GqiReceive(card, { page: 0 });
      receives.fill();
      sends.send(FRAME);
      arrive(machine, 3);
      receives.serve();
      card.block(1, ACK + EVENT);
    },
  },
  {
    name: 'sends packets of up to six parts, and six packets with one doorbell',
    run: (at) => {
      const sends = new GqiTransmit(gqi(at));
      for (let round = 0; round < 60; round++) {
        for (let parts = 1; parts <= 6; parts++) sends.put(new Uint8Array(700).fill(0xff, 0, 6), parts);
        sends.kick();
        sends.drain();
      }
    },
  },
  {
    name: 'makes its queues again and again, two commands with one doorbell, and gives their memory back',
    run: (at, machine) => {
      const card = gqi(at);
      for (let i = 0; i < 3; i++) {
        const sends = new GqiTransmit(card);
        const receives = new GqiReceive(card);
        receives.fill();
        sends.send(FRAME);
        arrive(machine, 5);
        for (const opcode of [OP.DESTROY_TX, OP.DESTROY_RX]) card.post(opcode, [0, 4, 0]);
        card.execute();
        for (const list of [0, 1]) card.post(OP.UNREGISTER, [0, 4, list]);
        card.execute();
        for (const area of [...sends.areas, ...receives.areas]) at.port.release(area);
      }
    },
  },
  {
    name: 'frees its statistics once its receive queues are gone, and releases a card that then asks for a reset',
    run: (at, machine) => {
      const card = gqi(at);
      const block = card.pages(PAGE);
      card.command(OP.STATISTICS, [0, 8, 8 + 16 * 20], [8, 8, block], [16, 8, 20_000]);
      const sends = new GqiTransmit(card);
      const receives = new GqiReceive(card);
      receives.fill();
      sends.send(FRAME);
      card.destroy(OP.DESTROY_TX);
      card.destroy(OP.DESTROY_RX);
      at.port.release(block);
      for (const list of [0, 1]) card.command(OP.UNREGISTER, [0, 4, list]);
      card.command(OP.DECONFIGURE);
      card.release();
      machine.nics[0]!.askForReset();
      at.port.wait(() => false, 10 * SECOND);
    },
  },
  {
    name: 'makes the receive queue alone again, while the other one sends',
    run: (at, machine) => {
      const card = gqi(at);
      const sends = new GqiTransmit(card);
      for (let i = 0; i < 3; i++) {
        const receives = new GqiReceive(card);
        receives.fill();
        arrive(machine, 5);
        sends.send(FRAME);
        if (receives.serve() !== 5) throw new Error('frames are lost');
        card.destroy(OP.DESTROY_RX);
        card.command(OP.UNREGISTER, [0, 4, 1]);
      }
    },
  },
];

/** The same with DQO rings. */
export const DQO_CARDS: readonly Unusual[] = [
  {
    name: 'asks for descriptor completions each 32 packets, and sends more than four laps',
    run: (at) => {
      const card = dqo(at);
      const sends = new DqoTransmit(card);
      let sent = 0;
      while (sent < 4 * card.entries + 100) {
        for (let i = 0; i < 8; i++) sends.put(FRAME, sent++ % 512, true);
        sends.kick();
        sends.await(sent);
        if (!at.port.wait(() => sends.room > 8, SECOND)) throw new Error('the ring is full');
      }
    },
  },
  {
    name: 'asks for none, and goes by the completions of its packets',
    run: (at) => {
      const card = dqo(at);
      const sends = new DqoTransmit(card);
      for (let sent = 0; sent < 2 * card.entries; ) {
        for (let i = 0; i < 4; i++) sends.put(FRAME, sent++ % 16, false);
        sends.kick();
        sends.await(sent);
      }
    },
  },
  {
    name: 'numbers its buffers from the last down, shows them by eights, and gives them back in another order',
    run: (at, machine) => {
      const card = dqo(at);
      const receives = new DqoReceive(card);
      card.block(1, ENABLED);
      const posted = card.entries - 8;
      for (let i = 0; i < posted; i++) receives.give(card.entries - 1 - i);
      for (let round = 0; round < 60; round++) {
        arrive(machine, 40);
        const taken: number[] = [];
        at.port.wait(() => {
          for (let id = receives.take(); id !== null; id = receives.take()) taken.push(id);
          return taken.length === 40;
        }, SECOND);
        if (taken.length !== 40) throw new Error('frames are lost');
        for (const id of taken.reverse()) receives.give(id);
      }
    },
  },
];
