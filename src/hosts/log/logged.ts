import * as v from 'valibot';
import type { Nanos } from '../../core/bits.ts';
import { MisuseError } from '../../core/misuse.ts';
import { checkLogged, checkLoggedOptions, LOGGED_RAM } from '../../machine/logged-options.ts';
import { flag, listOf, object, whole } from '../../machine/option-kinds.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { MachineRecord } from '../../trace/index.ts';
import { NullMedium } from '../qtest/machine/null-medium.ts';

// What a log may hold of that which makes a machine, or changes it. A log comes from anybody: nothing in it names a file, a socket
// or a program, and one that does is refused before anything is made.

const PAGE = 4096;
const MOST_DEVICES = 512;
/** The fewest frames that a NIC keeps: nobody looks at those of a log. */
const KEPT = 64;

const text = v.pipe(v.string('a text'), v.maxLength(1024, 'a text of at most 1024 characters'));
const property = v.optional(text);

/** What `-device` says that is heard. */
export const LOGGED_DEVICE = object({
  driver: property,
  id: property,
  addr: property,
  mac: property,
  netdev: property,
  mrg_rxbuf: property,
  rx_queue_size: property,
  drive: property,
  'scsi-id': property,
  lun: property,
  'disable-legacy': property,
  'disable-modern': property,
});
/** On which every disk of a log is. */
const emptyDrive = object({ driver: v.literal('null-co', '"null-co"'), size: property });
/** Behind which there is nobody. */
const unplugged = object({ type: v.literal('user', '"user"') });

/** What QEMU's command line said of the machine. */
const LOGGED_LINE = object({
  profile: v.picklist(['gce-n1', 'qemu-pc'], '"gce-n1" or "qemu-pc"'),
  memory: v.pipe(
    whole(PAGE, LOGGED_RAM),
    v.check((bytes) => bytes % PAGE === 0, `a multiple of ${PAGE} bytes`),
  ),
  vcpus: whole(1, 64),
  date: v.nullable(text),
  devices: listOf(LOGGED_DEVICE, MOST_DEVICES),
  drives: listOf(v.strictTuple([text, emptyDrive]), MOST_DEVICES),
  netdevs: listOf(v.strictTuple([text, unplugged]), MOST_DEVICES),
});

/** What was given by somebody at the machine's other end, but for what makes devices: data, bytes, and places of devices. */
const hexadecimal = v.pipe(v.string(), v.regex(/^([0-9a-f]{2})*$/));
const place = whole(0, MOST_DEVICES);
const bits = v.optional(v.array(whole(0, 127)));
const on = v.optional(flag);
const datum = v.union(
  [
    v.null(),
    v.boolean(),
    v.number(),
    v.string(),
    object({ bytes: hexadecimal }),
    object({ disk: place }),
    object({ nic: place }),
    object({ only: bits, without: bits }),
    object({ CTS: on, DSR: on, RI: on, DCD: on, parity: on, framing: on, break: on, overrun: on }),
  ],
  'what a log may give',
);

type Check = (given: readonly unknown[]) => readonly unknown[];

/** Acts that make devices, or what they are on. */
const MAKERS: Readonly<Record<string, Check>> = {
  'machine addDisk': (given) => given.map((disk) => loggedOptions({ disks: [disk] }).disks![0]),
  'machine addNic': (given) => given.map((nic) => loggedOptions({ nics: [nic] }).nics![0]),
  'qtest plug': (given) => given.map((device) => checkLogged(LOGGED_DEVICE, device)),
  'drives add': (given) => checkLogged(v.strictTuple([text, emptyDrive]), given),
  'netdevs add': (given) => checkLogged(v.strictTuple([text, unplugged]), given),
};

/**
 * What was given for an act of somebody at a machine's other end.
 *
 * @throws MisuseError for what a log may not hold.
 */
export function loggedGiven(of: string, does: string, given: readonly unknown[]): readonly unknown[] {
  const name = `${of} ${does}`;
  const maker = Object.hasOwn(MAKERS, name) ? MAKERS[name]! : null;
  return maker === null ? checkLogged(v.array(datum), given) : maker(given);
}

/**
 * Options of a log's machine, whose disks read as zeros and keep nothing.
 *
 * @throws MisuseError for what a log may not hold.
 */
function loggedOptions(given: unknown): MachineOptions {
  const { disks, nics, serial, ...rest } = checkLoggedOptions(given);
  return {
    ...rest,
    ...(disks !== undefined && {
      disks: disks.map(({ bytes, ...disk }) => ({
        ...disk,
        medium: new NullMedium(bytes!, disk.readOnly ?? false),
      })),
    }),
    ...(nics !== undefined && { nics: nics.map((nic) => ({ ...nic, keep: KEPT })) }),
    serial: { ...serial, keep: 0 },
  };
}

/** The record of a machine. @throws MisuseError for what a log may not hold. */
export function loggedMachine(record: MachineRecord & { readonly at: Nanos }) {
  const { options, qemu } = record;
  const line = qemu === undefined ? {} : { qemu: checkLogged(LOGGED_LINE, qemu) };
  return { ...record, options: loggedOptions(options), ...line };
}

/** What a log is refused for, told of its line. */
export function inLine<T>(line: number, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof MisuseError)) throw error;
    throw new MisuseError(`line ${line}`, error.value, '', error.message);
  }
}
