import type { Machine } from '../../src/index.ts';
import type { Unusual } from './drivers.ts';
import { FRAME, RECEIVE, SmallNic, TRANSMIT } from './small-nic.ts';

const SECOND = 1_000_000_000;
const MANY = 8;
const INDIRECT_DESC = 28;
const WRITE = 2;
type At = Parameters<Unusual['run']>[0];

/** Frames from the wire, all at once; and time to take them. */
function arrive(machine: Machine, count: number): void {
  machine.nics[0]!.receive(...Array.from({ length: count }, () => FRAME));
}

/** Takes what came, `most` at a time, and gives the buffers back. */
function takeFrames(nic: SmallNic, most = Number.POSITIVE_INFINITY): number {
  let count = 0;
  for (let head = 0; count < most; count++) {
    const came = nic.receiving.take();
    if (came === null) break;
    head = came;
    nic.post(head / 2);
  }
  if (count > 0) nic.publish(RECEIVE);
  return count;
}

/** Cards whose interrupts come by a line; the handler gets the card. */
function byLine({ port, bdf }: At, handler: (nic: SmallNic) => void): SmallNic {
  const nic = new SmallNic(port, bdf, { interrupts: 'line' });
  nic.onLine(() => handler(nic));
  return nic.start();
}

/** Drivers of network cards as other projects have them, in what they do with rings and interrupts. */
export const SMALL_NICS: readonly Unusual[] = [
  {
    name: 'polls, and wants no interrupts by its flags',
    run: ({ port, bdf }) => new SmallNic(port, bdf).start().sendAndWait(),
  },
  {
    name: 'has its rings at the smallest alignments',
    run: ({ port, bdf }) => new SmallNic(port, bdf, { apart: true }).start().sendAndWait(),
  },
  {
    name: 'sends frames in a batch',
    run: ({ port, bdf }) => {
      const nic = new SmallNic(port, bdf).start();
      for (let i = 0; i < MANY; i++) nic.sending.chain(2 * i, nic.packet());
      nic.publish(TRANSMIT);
      port.wait(() => nic.sending.usedIdx === MANY, SECOND);
    },
  },
  {
    name: 'puts each chain into a table, also of one piece, where it may',
    run: ({ port, bdf }) => {
      const nic = new SmallNic(port, bdf, { features: [5, INDIRECT_DESC, 32, 33] }).start();
      const parts = nic.packet();
      const length = parts.reduce((sum, [, bytes]) => sum + bytes, 0);
      if (nic.isModern) nic.sending.indirect(0, [[parts[0]![0], length]]);
      else nic.sending.chain(0, parts);
      nic.publish(TRANSMIT);
      port.wait(() => nic.sending.take() !== null, SECOND);
    },
  },
  {
    name: 'moves flags and index of its ring by one store',
    run: ({ port, bdf }) => {
      const nic = new SmallNic(port, bdf).start();
      nic.sending.chain(0, nic.packet());
      port.memory.store(nic.sending.avail, ((nic.sending.added << 16) | 1) >>> 0, 4);
      if (nic.sending.wantsKick) nic.card.notify(TRANSMIT, 1);
      port.wait(() => nic.sending.take() !== null, SECOND);
    },
  },
  {
    name: 'reads flags and index of the used ring by one load',
    run: ({ port, bdf }) => {
      const nic = new SmallNic(port, bdf).start();
      nic.sending.chain(0, nic.packet());
      nic.publish(TRANSMIT);
      port.wait(() => port.memory.load(nic.sending.used, 4) >>> 16 === 1, SECOND);
      nic.sending.take();
    },
  },
  {
    name: 'writes its only descriptors once, and then moves the index alone',
    run: ({ port, bdf }) => {
      const nic = new SmallNic(port, bdf).start();
      nic.sending.chain(0, nic.packet());
      for (let i = 0; i < MANY; i++) {
        nic.publish(TRANSMIT);
        port.wait(() => nic.sending.take() !== null, SECOND);
        nic.sending.enter(0);
      }
    },
  },
  {
    name: 'takes descriptors from the last one down',
    run: ({ port, bdf }) => {
      const nic = new SmallNic(port, bdf).start();
      for (let i = 1; i <= MANY; i++) nic.sending.chain(nic.sending.size - 2 * i, nic.packet());
      nic.publish(TRANSMIT);
      port.wait(() => nic.sending.usedIdx === MANY, SECOND);
    },
  },
  {
    name: 'has one header for all frames',
    run: ({ port, bdf }) => {
      const nic = new SmallNic(port, bdf).start();
      const [header] = nic.packet();
      for (let i = 0; i < MANY; i++) nic.sending.chain(2 * i, [header!, nic.packet()[1]!]);
      nic.publish(TRANSMIT);
      port.wait(() => nic.sending.usedIdx === MANY, SECOND);
    },
  },
  {
    name: 'counts what was sent, and reads no entry',
    run: ({ port, bdf }) => {
      const nic = new SmallNic(port, bdf).start();
      for (let i = 0; i < 3; i++) {
        nic.sending.chain(0, nic.packet());
        nic.publish(TRANSMIT);
        port.wait(() => nic.sending.usedIdx === i + 1, SECOND);
      }
    },
  },
  {
    name: 'reads ISR twice in its handler, and serves either',
    run: (at, machine) => {
      let count = 0;
      const nic = byLine(at, (card) => {
        if ((card.card.takeInterruptStatus() | card.card.takeInterruptStatus()) !== 0)
          count += takeFrames(card);
      });
      nic.fill(4);
      arrive(machine, 3);
      at.port.wait(() => count === 3, SECOND);
    },
  },
  {
    name: 'reads ISR in its handler, and looks into the ring when it likes',
    run: (at, machine) => {
      const nic = byLine(at, (card) => void card.card.takeInterruptStatus());
      nic.fill(MANY);
      for (let i = 0; i < 3; i++) {
        arrive(machine, 2);
        at.port.wait(() => false, SECOND);
        takeFrames(nic, 1);
      }
    },
  },
  {
    name: 'takes one frame in its handler, and the others later',
    run: (at, machine) => {
      const nic = byLine(at, (card) => {
        if (card.card.takeInterruptStatus() & 1) takeFrames(card, 1);
      });
      nic.fill(MANY);
      for (let i = 0; i < 3; i++) {
        arrive(machine, 3);
        at.port.wait(() => false, SECOND);
        takeFrames(nic);
      }
    },
  },
  {
    name: 'has room for four frames in its handler, and takes others when those are read',
    run: (at, machine) => {
      let kept = 0;
      const nic = byLine(at, (card) => {
        if (card.card.takeInterruptStatus() & 1) kept += takeFrames(card, 4 - kept);
      });
      nic.fill(MANY);
      for (let i = 0; i < 4; i++) {
        arrive(machine, 6);
        at.port.wait(() => false, SECOND);
        for (kept = 0; takeFrames(nic, 4) > 0; );
      }
      arrive(machine, 6);
      at.port.wait(() => false, SECOND);
    },
  },
  {
    name: 'masks interrupts in its handler, and a task takes all',
    run: (at, machine) => {
      let isDue = false;
      const nic = byLine(at, (card) => {
        if ((card.card.takeInterruptStatus() & 1) === 0) return;
        card.receiving.hush();
        isDue = true;
      });
      nic.fill(MANY);
      for (let i = 1; i <= 3; i++) {
        arrive(machine, 4);
        at.port.wait(() => isDue, SECOND);
        do {
          takeFrames(nic);
          at.port.memory.store(nic.receiving.avail, 0, 2);
        } while (takeFrames(nic) > 0);
        isDue = false;
      }
    },
  },
  {
    name: 'has all queues and the configuration on one vector',
    run: ({ port, bdf }, machine) => {
      let count = 0;
      const nic = new SmallNic(port, bdf, { interrupts: 'messages' });
      nic.onVector(() => {
        while (nic.sending.take() !== null);
        count += takeFrames(nic);
      });
      nic.fill(4);
      nic.sending.chain(0, nic.packet());
      nic.publish(TRANSMIT);
      arrive(machine, 3);
      port.wait(() => count === 3, SECOND);
    },
  },
  {
    name: 'begins twice before it accepts features',
    run: ({ port, bdf }) => {
      const nic = new SmallNic(port, bdf);
      nic.begin();
      void nic.card.offered;
      nic.begin();
      nic.start().sendAndWait();
    },
  },
  {
    name: 'reads its address until it was twice the same',
    run: ({ port, bdf }) => {
      const nic = new SmallNic(port, bdf).start();
      const read = () => Array.from({ length: 6 }, (_, i) => nic.card.readConfig(i, 1)).join(':');
      for (let before = ''; before !== read(); ) before = read();
      nic.sendAndWait();
    },
  },
  {
    name: 'reads the status after each write of it',
    run: ({ port, bdf }) => {
      const nic = new SmallNic(port, bdf).start();
      void [nic.card.status, nic.card.status];
      nic.sendAndWait();
      nic.card.reset();
      void nic.card.status;
    },
  },
  {
    name: 'gives its buffers of received frames in whole, where that is allowed',
    run: ({ port, bdf }, machine) => {
      const nic = new SmallNic(port, bdf).start();
      const at = port.allocate(2048, 1);
      if (nic.isModern) nic.receiving.chain(0, [[at, 2048, WRITE]]);
      else nic.post(0);
      nic.publish(RECEIVE);
      arrive(machine, 1);
      port.wait(() => nic.receiving.take() !== null, SECOND);
      port.memory.read(at, new Uint8Array(60));
    },
  },
];
