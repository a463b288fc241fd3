/** A date and time as an RTC counts them; `year` is within the century. */
export interface CalendarTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  /** 1 is Sunday. */
  readonly weekday: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

const DAY_SECONDS = 86_400;
const SECONDS_TO_2000 = 946_684_800;
const SATURDAY = 7;
const MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** `time` plus so many seconds. Every fourth year is a leap year, as in a clock without a century. */
export function after(time: CalendarTime, seconds: number): CalendarTime {
  const total = secondOfDay(time) + seconds;
  const days = Math.floor(total / DAY_SECONDS);
  const rest = total % DAY_SECONDS;
  let { year, month, day } = time;
  for (let i = 0; i < days; i++) {
    day++;
    if (day <= monthLength(year, month)) continue;
    day = 1;
    month = month < 12 ? month + 1 : 1;
    if (month === 1) year = (year + 1) % 100;
  }
  return {
    year,
    month,
    day,
    weekday: ((time.weekday - 1 + days) % 7) + 1,
    hours: Math.floor(rest / 3600),
    minutes: Math.floor(rest / 60) % 60,
    seconds: rest % 60,
  };
}

/** The parts of a time of day that must match; null matches any. */
export interface AlarmTime {
  readonly hours: number | null;
  readonly minutes: number | null;
  readonly seconds: number | null;
}

/** Seconds from `time` to the next time of day that matches, 1 to 86,400; Infinity if none does. */
export function untilAlarm(time: CalendarTime, alarm: AlarmTime): number {
  const now = secondOfDay(time);
  let ahead = 1;
  while (ahead <= DAY_SECONDS) {
    const at = (now + ahead) % DAY_SECONDS;
    if (alarm.hours !== null && Math.floor(at / 3600) !== alarm.hours) ahead += 3600 - (at % 3600);
    else if (alarm.minutes !== null && Math.floor(at / 60) % 60 !== alarm.minutes) ahead += 60 - (at % 60);
    else if (alarm.seconds !== null && at % 60 !== alarm.seconds) ahead++;
    else return ahead;
  }
  return Number.POSITIVE_INFINITY;
}

export function isDate(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= monthLength(year, month);
}

/** Day of the week of a day in the years 2000 to 2099; 1 is Sunday. The first was a Saturday. */
export function weekday(year: number, month: number, day: number): number {
  return ((daysBefore(year, month, day) + SATURDAY - 1) % 7) + 1;
}

/** Seconds since 1970 at a time in the years 2000 to 2099. */
export function secondsSince1970(time: CalendarTime): number {
  const { year, month, day } = time;
  return SECONDS_TO_2000 + daysBefore(year, month, day) * DAY_SECONDS + secondOfDay(time);
}

/** Days since the first of 2000. */
function daysBefore(year: number, month: number, day: number): number {
  let days = year * 365 + Math.ceil(year / 4) + day - 1;
  for (let before = 1; before < month; before++) days += monthLength(year, before);
  return days;
}

function secondOfDay({ hours, minutes, seconds }: CalendarTime): number {
  return (hours * 60 + minutes) * 60 + seconds;
}

function monthLength(year: number, month: number): number {
  return month === 2 && year % 4 === 0 ? 29 : (MONTHS[month - 1] ?? 31);
}
