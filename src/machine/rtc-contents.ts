import type { RtcContents } from '../chipset/rtc.ts';
import { type CalendarTime, isDate, weekday } from '../chipset/calendar.ts';
import type { GuestMemory } from '../core/memory.ts';
import { FOUR_GIB } from '../core/memory.ts';

const DATE = /^20(\d\d)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/;
export const DATE_DEFAULT = '2020-01-01T00:00:00Z';

/** A date as the option has it, or null: `2018-11-22T05:50:31Z`. */
export function parseDate(text: string): CalendarTime | null {
  const match = DATE.exec(text);
  if (match === null) return null;
  const [year, month, day, hours, minutes, seconds] = match.slice(1).map(Number);
  if (hours! > 23 || minutes! > 59 || seconds! > 59 || !isDate(year!, month!, day!)) return null;
  return {
    year: year!,
    month: month!,
    day: day!,
    weekday: weekday(year!, month!, day!),
    hours: hours!,
    minutes: minutes!,
    seconds: seconds!,
  };
}

const KIB = 1024;
const MIB = KIB * KIB;
/** FPU and PS/2 mouse. */
const EQUIPMENT = 0x06;
const CENTURY = 0x20;

/** The contents of a machine's RTC at power-on: the date, and RAM as a PC's firmware and QEMU's have it. */
export function rtcContents(date: string, memory: GuestMemory, vcpus: number): RtcContents {
  const sizeAt = (base: number) => memory.ranges.find((range) => range.base === base)?.size ?? 0;
  const [low, high] = [sizeAt(0), sizeAt(FOUR_GIB)];
  const word = (value: number) => Math.max(0, Math.min(0xffff, Math.floor(value)));
  const extended = word((low - MIB) / KIB);
  const above16M = word((low - 16 * MIB) / (64 * KIB));
  const above4G = Math.min(0xff_ffff, high / (64 * KIB));
  const nvram = new Map([
    [0x14, EQUIPMENT],
    [0x15, 0x80],
    [0x16, 0x02],
    [0x17, extended & 0xff],
    [0x18, extended >> 8],
    [0x30, extended & 0xff],
    [0x31, extended >> 8],
    [0x32, CENTURY],
    [0x34, above16M & 0xff],
    [0x35, above16M >> 8],
    [0x37, CENTURY],
    [0x5b, above4G & 0xff],
    [0x5c, (above4G >> 8) & 0xff],
    [0x5d, above4G >> 16],
    [0x5f, vcpus - 1],
  ]);
  return { time: parseDate(date)!, nvram };
}
