import { MisuseError } from '../../../core/misuse.ts';
import type { ProfileName } from '../../../machine/profile.ts';
import { countOf, propertiesOf } from './properties.ts';

const MIB = 1 << 20;
const RAM_DEFAULT = 128 * MIB;
const RAM_LEAST = 2 * MIB;
/** No test needs more, and it takes a host long. */
const RAM_MOST = 8192 * MIB;
const UNIT: Readonly<Record<string, number>> = { '': MIB, K: 1024, M: MIB, G: 1024 * MIB };
const DATE = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d))?Z?$/;

/** The values of `-machine`. `none` is for clients that only list types. */
export const MACHINES: Readonly<Record<string, ProfileName>> = {
  pc: 'qemu-pc',
  none: 'qemu-pc',
  'qemu-pc': 'qemu-pc',
  'gce-n1': 'gce-n1',
};

export function profileOf(text: string | undefined): ProfileName {
  if (text === undefined) return 'qemu-pc';
  const { type = 'pc' } = propertiesOf('-machine', text, 'type');
  if (type.startsWith('pc-i440fx-')) return 'qemu-pc';
  if (Object.hasOwn(MACHINES, type)) return MACHINES[type]!;
  throw new MisuseError('-machine', type, 'pc, pc-i440fx-VERSION, gce-n1 or none');
}

export function memoryOf(text: string | undefined): number {
  if (text === undefined) return RAM_DEFAULT;
  const { size = '' } = propertiesOf('-m', text, 'size');
  const [, digits, unit = ''] = /^(\d+)([kmg]?)(?:i?b)?$/i.exec(size) ?? [];
  const bytes = Number(digits) * UNIT[unit.toUpperCase()]!;
  if (!(bytes >= RAM_LEAST && bytes <= RAM_MOST && bytes % 4096 === 0))
    throw new MisuseError('-m', size, 'from 2M to 8G in whole pages');
  return bytes;
}

export function cpusOf(text: string | undefined): number {
  if (text === undefined) return 1;
  const { cpus = '1' } = propertiesOf('-smp', text, 'cpus');
  return countOf('-smp', cpus);
}

/** @returns null for the host's time. */
export function dateOf(text: string | undefined): string | null {
  const { base = 'utc' } = text === undefined ? {} : propertiesOf('-rtc', text, 'base');
  if (base === 'utc' || base === 'localtime') return null;
  const [, day, time = '00:00:00'] = DATE.exec(base) ?? [];
  if (day === undefined) throw new MisuseError('-rtc', base, 'base=utc or base=2018-11-22T05:50:31');
  return `${day}T${time}Z`;
}
