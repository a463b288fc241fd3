import * as RTC from './registers/rtc.ts';
import type { AlarmTime, CalendarTime } from './calendar.ts';

const { DM, HOURS_24 } = RTC.REGISTER_B.mask;
const { PM } = RTC.HOURS.mask;
/** Alarm bytes from here on match any time. */
const ANY = 0xc0;

/** Encodes the time into an RTC's bytes, in the format of register B. */
export function decodeTime(bytes: Uint8Array, format: number): CalendarTime {
  const at = ({ offset }: { offset: number }) => decode(bytes[offset]!, format);
  return {
    seconds: at(RTC.SECONDS),
    minutes: at(RTC.MINUTES),
    hours: decodeHours(bytes[RTC.HOURS.offset]!, format),
    weekday: at(RTC.DAY_OF_WEEK),
    day: at(RTC.DAY_OF_MONTH),
    month: at(RTC.MONTH),
    year: at(RTC.YEAR),
  };
}

export function encodeTime(time: CalendarTime, bytes: Uint8Array, format: number): void {
  const put = ({ offset }: { offset: number }, value: number) => {
    bytes[offset] = encode(value, format);
  };
  put(RTC.SECONDS, time.seconds);
  put(RTC.MINUTES, time.minutes);
  put(RTC.DAY_OF_WEEK, time.weekday);
  put(RTC.DAY_OF_MONTH, time.day);
  put(RTC.MONTH, time.month);
  put(RTC.YEAR, time.year);
  bytes[RTC.HOURS.offset] = encodeHours(time.hours, format);
}

export function decodeAlarm(bytes: Uint8Array, format: number): AlarmTime {
  const [seconds, minutes, hours] = [RTC.SECONDS_ALARM, RTC.MINUTES_ALARM, RTC.HOURS_ALARM].map(
    ({ offset }) => bytes[offset]!,
  );
  return {
    seconds: seconds! >= ANY ? null : decode(seconds!, format),
    minutes: minutes! >= ANY ? null : decode(minutes!, format),
    hours: hours! >= ANY ? null : decodeHours(hours!, format),
  };
}

function decode(byte: number, format: number): number {
  return format & DM ? byte : (byte >> 4) * 10 + (byte & 15);
}

function encode(value: number, format: number): number {
  return format & DM ? value : (Math.floor(value / 10) << 4) | (value % 10);
}

function decodeHours(byte: number, format: number): number {
  if (format & HOURS_24) return decode(byte, format);
  return (decode(byte & ~PM, format) % 12) + (byte & PM ? 12 : 0);
}

function encodeHours(hours: number, format: number): number {
  if (format & HOURS_24) return encode(hours, format);
  return encode(hours % 12 || 12, format) | (hours >= 12 ? PM : 0);
}
