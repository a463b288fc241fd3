import type { GuestPort } from '../../src/index.ts';
import { outs, PIC, PIT, SECOND, SLAVE, setUpPics, type UnusualCode, type Write } from './pc-ports.ts';

/** Interrupts of the timer by IRQ 0, each ended by `end`, until three came. */
export function tick(port: GuestPort, end: () => void): void {
  let ticks = 0;
  port.handle(0x20, () => {
    ticks++;
    end();
  });
  outs(port, [PIT + 3, 0x34], [PIT, 0x9c], [PIT, 0x2e], [PIC + 1, 0xfe]);
  port.unmask();
  port.wait(() => ticks >= 3, SECOND);
  outs(port, [PIC + 1, 0xff]);
}

/** Code of the pair of 8259As. */
export const PIC_CODE: readonly UnusualCode[] = [
  {
    name: 'ends interrupts by their number',
    run: (port) => {
      setUpPics(port);
      tick(port, () => port.out(PIC, 0x60, 1));
    },
  },
  {
    name: 'has the 8259 end interrupts by itself',
    run: (port) => {
      setUpPics(port, [0x20, 0x04, 0x03]);
      tick(port, () => {});
    },
  },
  {
    name: 'masks the line in its handler, ends the interrupt, and opens the line again',
    run: (port) => {
      setUpPics(port);
      tick(port, () => outs(port, [PIC + 1, 0xff], [PIC, 0x60], [PIC + 1, 0xfe]));
    },
  },
  {
    name: 'asks the 8259 for IRR and ISR',
    run: (port) => {
      setUpPics(port);
      for (const at of [PIC, SLAVE])
        for (const ocw3 of [0x0a, 0x0b]) {
          port.out(at, ocw3, 1);
          port.in(at, 1);
        }
    },
  },
  {
    name: 'sets the pair up twice, and reads its mask back',
    run: (port) => {
      setUpPics(port);
      outs(port, [PIC + 1, 0xfb]);
      port.in(PIC + 1, 1);
      setUpPics(port);
      tick(port, () => port.out(PIC, 0x20, 1));
    },
  },
  {
    name: 'has the master fully nested, and leaves special mask mode on meanwhile',
    run: (port) => {
      setUpPics(port, [0x20, 0x04, 0x11], [0x28, 0x02, 0x11]);
      port.out(PIC, 0x68, 1);
      tick(port, () => outs(port, [PIC + 1, 0xff], [PIC, 0x60], [PIC + 1, 0xfe]));
      port.out(PIC, 0x48, 1);
    },
  },
  {
    name: 'rotates priorities with each end of an interrupt',
    run: (port) => {
      setUpPics(port);
      port.out(PIC, 0xc4, 1);
      tick(port, () => port.out(PIC, 0xa0, 1));
    },
  },
  {
    name: 'polls the 8259, with interrupts off',
    run: (port) => {
      setUpPics(port);
      outs(port, [PIT + 3, 0x34], [PIT, 0x9c], [PIT, 0x2e], [PIC + 1, 0xfe]);
      for (let i = 0; i < 4; i++) {
        port.wait(() => false, SECOND / 50);
        port.out(PIC, 0x0c, 1);
        if ((port.in(PIC, 1) & 0x80) !== 0) port.out(PIC, 0x20, 1);
      }
    },
  },
  {
    name: 'waits between writes by port 80h',
    run: (port) => {
      const writes: readonly Write[] = [
        [PIC + 1, 0xff],
        [SLAVE + 1, 0xff],
        [PIC, 0x11],
        [SLAVE, 0x11],
        [PIC + 1, 0x20],
        [SLAVE + 1, 0x28],
        [PIC + 1, 0x04],
        [SLAVE + 1, 0x02],
        [PIC + 1, 0x01],
        [SLAVE + 1, 0x01],
        [PIC + 1, 0xff],
        [SLAVE + 1, 0xff],
      ];
      for (const write of writes) outs(port, write, [0x80, 0]);
    },
  },
];
