import { type BrokenCode, outs, SECOND, setUpPics } from './pc-ports.ts';
import { tick } from './pic-code.ts';
import { rtc, setRtc } from './timer-code.ts';

/** Each breaks one clause of interrupt controllers, or of clocks. */
export const BROKEN_CLOCKS: readonly BrokenCode[] = [
  {
    name: 'gives both 8259As the same vectors',
    clause: 'pic/BASE-SAME',
    run: (port) => {
      setUpPics(port, [0x20, 0x04, 0x01], [0x20, 0x02, 0x01]);
      tick(port, () => port.out(0x20, 0x20, 1));
    },
  },
  {
    name: 'sends no EOI',
    clause: 'pic/EOI',
    run: (port) => {
      setUpPics(port);
      tick(port, () => {});
    },
  },
  {
    name: 'leaves an initialisation of the 8259 unfinished',
    clause: 'pic/SEQUENCE',
    run: (port) => {
      outs(port, [0x20, 0x11], [0x21, 0x20], [0x21, 0xfe]);
    },
  },
  {
    name: 'takes the 8259 for one of an 8085',
    clause: 'pic/INIT',
    run: (port) => {
      setUpPics(port, [0x20, 0x04, 0x00]);
      tick(port, () => port.out(0x20, 0x20, 1));
    },
  },
  {
    name: 'gives the slave the ICW3 of a master',
    clause: 'pic/CASCADE',
    run: (port) => {
      setUpPics(port, [0x20, 0x04, 0x01], [0x28, 0x04, 0x01]);
    },
  },
  {
    name: 'opens IRQ 8 behind a closed cascade',
    clause: 'pic/CASCADE-CLOSED',
    run: (port) => {
      setUpPics(port);
      setRtc(port, 0xb, rtc(port, 0xb) | 0x10);
      rtc(port, 0xc);
      outs(port, [0x21, 0xff], [0xa1, 0xfe]);
      port.unmask();
      port.wait(() => false, 2 * SECOND);
    },
  },
  {
    name: 'ends another interrupt than it took',
    clause: 'pic/EOI-LEVEL',
    run: (port) => {
      setUpPics(port);
      tick(port, () => port.out(0x20, 0x61, 1));
    },
  },
  {
    name: 'counts from 1 in mode 2',
    clause: 'pit/COUNT-ONE',
    run: (port) => {
      outs(port, [0x43, 0x34], [0x40, 1], [0x40, 0]);
    },
  },
  {
    name: 'gives half a count, and a command',
    clause: 'pit/HALF-WRITTEN',
    run: (port) => {
      outs(port, [0x43, 0x34], [0x40, 0x80], [0x43, 0x80]);
    },
  },
  {
    name: 'gives half a count',
    clause: 'pit/HALF-WRITTEN',
    run: (port) => {
      outs(port, [0x43, 0x34], [0x40, 0x80]);
      port.wait(() => false, SECOND / 10);
    },
  },
  {
    name: 'reads half a count',
    clause: 'pit/HALF-READ',
    run: (port) => {
      outs(port, [0x43, 0x34], [0x40, 0], [0x40, 0], [0x43, 0]);
      port.in(0x40, 1);
      outs(port, [0x43, 0]);
      port.in(0x40, 1);
    },
  },
  {
    name: 'writes a count as one word',
    clause: 'pit/HALF-WRITTEN',
    run: (port) => {
      outs(port, [0x43, 0x34]);
      port.out(0x40, 0x2e9c, 2);
    },
  },
  {
    name: 'reads the time without a look at UIP',
    clause: 'rtc/UNGUARDED',
    run: (port) => {
      [0, 2, 4, 7, 8, 9].map((a) => rtc(port, a));
    },
  },
  {
    name: 'sets the time while it goes on',
    clause: 'rtc/SET-TIME',
    run: (port) => {
      setRtc(port, 0, 0x10);
      setRtc(port, 2, 0x10);
    },
  },
  {
    name: 'never reads register C',
    clause: 'rtc/FLAGS',
    run: (port) => {
      let n = 0;
      setUpPics(port);
      port.handle(0x28, () => {
        n++;
        outs(port, [0xa0, 0x20], [0x20, 0x20]);
      });
      setRtc(port, 0xb, rtc(port, 0xb) | 0x10);
      rtc(port, 0xc);
      outs(port, [0x21, 0xfb], [0xa1, 0xfe]);
      port.unmask();
      port.wait(() => n === 3, 4 * SECOND);
    },
  },
  {
    name: 'leaves the clock stopped',
    clause: 'rtc/SET-LEFT',
    run: (port) => {
      setRtc(port, 0xb, rtc(port, 0xb) | 0x80);
      setRtc(port, 0, 0x10);
    },
  },
];
