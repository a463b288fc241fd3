import * as v from 'valibot';
import type { Nanos } from '../../core/bits.ts';
import { MisuseError } from '../../core/misuse.ts';
import { flag, listOf, object, whole } from '../../machine/option-kinds.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { checkLogged, checkLoggedOptions, LOGGED_RAM } from '../../machine/options.ts';
import { PROFILE_NAMES } from '../../machine/profiles.ts';
import type { MachineRecord } from '../../trace/index.ts';
import { NullMedium } from '../qtest/machine/null-medium.ts';

// The values of a log that build or change a machine. Logs are untrusted: none of these values names a file, a socket or
// a program, and a log with one that does is refused before anything is built.

const PAGE = 4096;
/** Of each kind that a machine has several of. */
export const MOST_DEVICES = 512;
/** The fewest frames that a NIC can keep: those of a replay are not read. */
const KEPT = 64;

const text = v.pipe(v.string('a string'), v.maxLength(1024, 'a string of at most 1024 characters'));
const property = v.optional(text);

/** The properties of `-device` that are used. */
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
/** The drive of every disk of a log. */
const emptyDrive = object({ driver: v.literal('null-co', '"null-co"'), size: property });
/** A backend without a peer. */
const unplugged = object({ type: v.literal('user', '"user"') });

/** QEMU's command line of the machine. */
const LOGGED_LINE = object({
  profile: v.picklist(PROFILE_NAMES, `one of ${PROFILE_NAMES.join(', ')}`),
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

/** The arguments of an action from outside the machine that builds no device: data, bytes, and addresses of devices. */
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
    object({ nvme: place, namespace: place }),
    object({ nvme: place }),
    object({ only: bits, without: bits }),
    object({ CTS: on, DSR: on, RI: on, DCD: on, parity: on, framing: on, break: on, overrun: on }),
  ],
  'what a log may give',
);

type Check = (given: readonly unknown[]) => readonly unknown[];

/** Actions that build devices, or their backends. */
const MAKERS: Readonly<Record<string, Check>> = {
  'machine addDisk': (given) => given.map((disk) => loggedOptions({ disks: [disk] }).disks![0]),
  'machine addNic': (given) => given.map((nic) => loggedOptions({ nics: [nic] }).nics![0]),
  'nvme addNamespace': (given) =>
    given.map((one) => loggedOptions({ nvme: [{ namespaces: [one] }] }).nvme![0]!.namespaces![0]),
  'qtest plug': (given) => given.map((device) => checkLogged(LOGGED_DEVICE, device)),
  'drives add': (given) => checkLogged(v.strictTuple([text, emptyDrive]), given),
  'netdevs add': (given) => checkLogged(v.strictTuple([text, unplugged]), given),
};

/**
 * The arguments of an action from outside the machine.
 *
 * @throws MisuseError for a value that a log may not hold.
 */
export function loggedGiven(of: string, does: string, given: readonly unknown[]): readonly unknown[] {
  const name = `${of.split(' ', 1)[0]} ${does}`;
  const maker = Object.hasOwn(MAKERS, name) ? MAKERS[name]! : null;
  return maker === null ? checkLogged(v.array(datum), given) : maker(given);
}

/**
 * Options of a log's machine, whose disks read as zeros and discard writes.
 *
 * @throws MisuseError for a value that a log may not hold.
 */
function loggedOptions(given: unknown): MachineOptions {
  const { disks, nics, nvme, serial, ...rest } = checkLoggedOptions(given);
  return {
    ...rest,
    ...(disks !== undefined && {
      disks: disks.map(emptied),
    }),
    ...(nvme !== undefined && {
      nvme: nvme.map(({ namespaces, ...one }) => ({
        ...one,
        ...(namespaces !== undefined && { namespaces: namespaces.map(emptied) }),
      })),
    }),
    ...(nics !== undefined && { nics: nics.map((nic) => ({ ...nic, keep: KEPT })) }),
    serial: { ...serial, keep: 0 },
  };
}

/** A disk of this size that reads as zeros. */
function emptied<
  Disk extends { readonly bytes?: number | undefined; readonly readOnly?: boolean | undefined },
>({ bytes, ...disk }: Disk) {
  return { ...disk, medium: new NullMedium(bytes!, disk.readOnly ?? false) };
}

/** The record of a machine. @throws MisuseError for a value that a log may not hold. */
export function loggedMachine(record: MachineRecord & { readonly at: Nanos }) {
  const { options, qemu } = record;
  const line = qemu === undefined ? {} : { qemu: checkLogged(LOGGED_LINE, qemu) };
  return { ...record, options: loggedOptions(options), ...line };
}

/** Adds the line number to the error of a log that is refused. */
export function inLine<T>(line: number, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof MisuseError)) throw error;
    throw new MisuseError(`line ${line}`, error.value, '', error.message);
  }
}
