import type { GuestPort } from '../../src/index.ts';
import { outs, PIC, PIT, RTC, SECOND, SLAVE, setUpPics, type UnusualCode } from './pc-ports.ts';

/** Code of the 8254. */
export const PIT_CODE: readonly UnusualCode[] = [
  {
    name: 'latches a count by the read-back command',
    run: (port) => {
      outs(port, [PIT + 3, 0x34], [PIT, 0], [PIT, 0], [PIT + 3, 0xd2]);
      void [port.in(PIT, 1), port.in(PIT, 1)];
    },
  },
  {
    name: 'latches status and count together',
    run: (port) => {
      outs(port, [PIT + 3, 0x34], [PIT, 0], [PIT, 0], [PIT + 3, 0xc2]);
      void [port.in(PIT, 1), port.in(PIT, 1), port.in(PIT, 1)];
    },
  },
  {
    name: 'measures by counter 2 and port 61h as Linux does',
    run: (port) => {
      port.out(0x61, (port.in(0x61, 1) & ~2) | 1, 1);
      outs(port, [PIT + 3, 0xb0], [PIT + 2, 0x9b], [PIT + 2, 0x2e]);
      port.wait(() => (port.in(0x61, 1) & 0x20) !== 0, SECOND);
      port.out(0x61, port.in(0x61, 1) & ~3, 1);
    },
  },
  {
    name: 'stops the timer by mode 0, without a count',
    run: (port) => outs(port, [PIT + 3, 0x34], [PIT, 0x9c], [PIT, 0x2e], [PIT + 3, 0x30]),
  },
  {
    name: 'selects mode 4 long before it writes a count',
    run: (port) => {
      outs(port, [PIT + 3, 0x38]);
      port.wait(() => false, SECOND);
      outs(port, [PIT, 0], [PIT, 0x10]);
    },
  },
  {
    name: 'counts low bytes alone',
    run: (port) => {
      outs(port, [PIT + 3, 0x94], [PIT + 2, 0x80]);
      port.in(PIT + 2, 1);
    },
  },
  {
    name: 'makes a square wave, and changes its period at once',
    run: (port) => {
      outs(port, [PIT + 3, 0xb6], [PIT + 2, 0xa9], [PIT + 2, 0x04]);
      outs(port, [PIT + 2, 0x52], [PIT + 2, 0x02]);
    },
  },
];

export function rtc(port: GuestPort, at: number): number {
  port.out(RTC, at, 1);
  return port.in(RTC + 1, 1);
}

export function setRtc(port: GuestPort, at: number, value: number): void {
  outs(port, [RTC, at], [RTC + 1, value]);
}

const TIME = [0x00, 0x02, 0x04, 0x07, 0x08, 0x09];

/** Code of the real-time clock. */
export const RTC_CODE: readonly UnusualCode[] = [
  {
    name: 'waits for an update to begin and to end, and reads the time',
    run: (port) => {
      port.wait(() => (rtc(port, 0x0a) & 0x80) !== 0, 2 * SECOND);
      port.wait(() => (rtc(port, 0x0a) & 0x80) === 0, SECOND);
      for (const at of TIME) rtc(port, at);
    },
  },
  {
    name: 'reads the time until it was twice the same, with NMI off',
    run: (port) => {
      const read = () => {
        port.wait(() => (rtc(port, 0x8a) & 0x80) === 0, SECOND);
        return TIME.map((at) => rtc(port, at | 0x80)).join(':');
      };
      for (let before = ''; before !== read(); ) before = read();
      rtc(port, 0x0d);
    },
  },
  {
    name: 'has the clock interrupt it each second, and reads register C',
    run: (port) => {
      let count = 0;
      setUpPics(port);
      port.handle(0x28, () => {
        rtc(port, 0x0c);
        count++;
        outs(port, [SLAVE, 0x20], [PIC, 0x20]);
      });
      setRtc(port, 0x0b, rtc(port, 0x0b) | 0x10);
      rtc(port, 0x0c);
      outs(port, [PIC + 1, 0xfb], [SLAVE + 1, 0xfe]);
      port.unmask();
      port.wait(() => count === 2, 4 * SECOND);
      setRtc(port, 0x0b, rtc(port, 0x0b) & ~0x10);
    },
  },
  {
    name: 'sets the time with the clock stopped',
    run: (port) => {
      const control = rtc(port, 0x0b);
      setRtc(port, 0x0b, control | 0x80);
      for (const at of TIME) setRtc(port, at, rtc(port, at));
      setRtc(port, 0x0b, control);
    },
  },
  {
    name: 'sets the time in binary, by twelve hours, and the format with it',
    run: (port) => {
      const control = rtc(port, 0x0b);
      setRtc(port, 0x0b, control | 0x80);
      for (const [i, value] of [45, 59, 0x8c, 0, 31, 12, 26].entries())
        setRtc(port, [0, 2, 4, 6, 7, 8, 9][i]!, value);
      setRtc(port, 0x05, 0xff);
      setRtc(port, 0x0b, (control & ~0x82) | 0x04);
    },
  },
  {
    name: 'reads what firmware left in the memory of the clock',
    run: (port) => {
      for (let at = 0x0e; at < 0x80; at++) rtc(port, at);
    },
  },
];
