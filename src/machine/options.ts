import * as v from 'valibot';
import { Clock } from '../core/clock.ts';
import { DEVICE_OPTIONS, type DeviceEntries, LOGGED_DEVICE_OPTIONS } from './devices/index.ts';
import { firmware, fwCfg } from './firmware-option.ts';
import { kvm } from './kvm.ts';
import { checked, fieldsOf, flag, object, only, whole } from './option-kinds.ts';
import { parseDate } from './rtc-contents.ts';
import { VIRTIO_OPTIONS } from './virtio-options.ts';

const MIB = 1 << 20;
const FIRMWARE_DATE = 'a date, month first (example 07/12/2023)';
const DATE = 'a date from 2000 to 2099 (example 2018-11-22T05:50:31Z)';
const pages = v.pipe(
  v.number('a number of bytes'),
  v.check((n) => Number.isInteger(n) && n >= 0 && n % 4096 === 0, 'a multiple of 4096 bytes'),
);

function isBuffer(x: unknown): boolean {
  return x instanceof ArrayBuffer || x instanceof SharedArrayBuffer;
}

const memory = object({
  /** RAM below 4 GiB, in bytes. Default 128 MiB. */
  below4G: v.optional(
    v.pipe(pages, v.minValue(2 * MIB, 'at least 2 MiB'), v.maxValue(3072 * MIB, 'at most 3 GiB')),
  ),
  /** RAM from 4 GiB up, in bytes. Default 0. */
  above4G: v.optional(pages),
  /** Give drivers RAM so far above 4 GiB that an address cut to 32 bits is no RAM. Needs more above than below. Default false. */
  driversAbove4G: v.optional(flag),
  /**
   * Lent RAM: an ArrayBuffer, SharedArrayBuffer or WebAssembly.Memory of at least both sizes together. Default: a buffer
   * of its own.
   */
  buffer: v.optional(
    v.custom<ArrayBufferLike | { readonly buffer: ArrayBufferLike }>(
      (x) => isBuffer(x) || isBuffer((x as { buffer?: unknown } | null)?.buffer),
      'a buffer',
    ),
  ),
  /** Bytes of the lent buffer, right behind RAM, that devices may use as theirs: it makes copies faster. Default 0. */
  staging: v.optional(pages),
});

const isaIrq = whole(3, 7);
const word = whole(0, 0xffff_ffff);

const PACE = '"baud", "instant" or a whole number of nanoseconds from 1 to 1000000000';

const serial = object({
  /**
   * How long characters take: by the baud rate, none, as byte streams do it, or as many virtual nanoseconds, whatever the
   * divisor is. Default "baud".
   */
  pace: v.optional(v.union([v.picklist(['baud', 'instant']), whole(1, 10 ** 9)], PACE)),
  /** The ports are 16550A, with FIFOs; without, they are 16450, whose IIR has 0 in bits 7:6. Default true. */
  fifo: v.optional(flag),
  /** IRQs of COM1 to COM4, 3 to 7; ports may share one. Default 4, 3, 6, 7 on gceN1, 4, 3, 4, 3 on qemuPc. */
  irqs: v.optional(
    v.strictTuple([isaIrq, isaIrq, isaIrq, isaIrq], 'four IRQs from 3 to 7 (example [4, 3, 4, 3])'),
  ),
  /**
   * On gceT2A: the ports are whole PL011s, whose speed and format a driver sets. Without, they are generic UARTs of SBSA,
   * which need no set-up. Default false.
   */
  whole: v.optional(flag),
  /** How many bytes each port's `text` keeps, the last that the guest sent. Default 1 MiB. */
  keep: v.optional(whole(0, 1 << 28)),
});

/** Options that belong neither to virtio nor to a device. */
export const OWN_OPTIONS = {
  /** The seed of every random choice. Default 1. */
  seed: v.optional(whole(0, 0xffff_ffff)),
  /** vCPUs: how many queue pairs a NIC has. One of them runs the guest. Default 1. */
  vcpus: v.optional(whole(1, 64)),
  /** vCPUs that the firmware makes room for in its tables, up to 256, as in August 2018. Default as many as there are. */
  maxCpus: v.optional(whole(1, 256)),
  /** EAX and EDX of CPUID leaf 1, as SMBIOS and the MP table have them. Default 00830f10 and 178bfbff on gceN1. */
  cpuid: v.optional(
    object({
      /** Family, model and stepping. */
      eax: word,
      /** Feature flags. */
      edx: word,
    }),
  ),
  /** KVM's guest interface, as the processors show it: the clock, and what else a host and its guest share. */
  kvm: v.optional(kvm),
  /** The firmware's date in SMBIOS. Default 01/01/2011, 06/27/2024 of that build, and 10/09/2023 with a UEFI. */
  firmwareDate: v.optional(
    v.pipe(
      v.string(FIRMWARE_DATE),
      v.regex(/^(0[1-9]|1[0-2])\/(0[1-9]|[12]\d|3[01])\/\d{4}$/, FIRMWARE_DATE),
    ),
  ),
  /**
   * Start where the machine's firmware hands over (true), where a UEFI does ("uefi", not on qemuPc, with at least 16 MiB below
   * 4 GiB), or at power-on (false). As an object: its `kind`, which `build` of the BIOS, and whether it `used` the disk. Default true.
   *
   * @example { used: false }      // disks still tell of the power-on, their adapter was not driven
   */
  firmware: v.optional(firmware),
  /** Virtual nanoseconds that each port or MMIO access takes. Default 1000. */
  accessTime: v.optional(whole(1, 1_000_000)),
  /**
   * Accesses without progress, reads that return nothing new and writes that change nothing, after which one
   * throws `EndlessLoopError`, so that a driver that spins ends a test; false is no limit. Default 1,000,000.
   */
  patience: v.optional(
    v.union([whole(1, 1e12), v.literal(false)], 'a number of accesses from 1 to 1000000000000, or false'),
  ),
  /** How much RAM there is, where, and whose buffer it is. */
  memory: v.optional(memory),
  /** The four serial ports: 16550As, or PL011s on gceT2A, without `fifo` and `irqs`. */
  serial: v.optional(serial),
  /** Virtual time to share: machines on one hub need one clock. Default: a clock of its own. */
  clock: v.optional(v.instance(Clock, 'a Clock')),
  /** Judge the guest, as far as the fields of an object say. Default true. */
  judge: v.optional(
    v.union(
      [
        flag,
        object({
          /** Watch its drivers' stores to memory. Default true. */
          stores: v.optional(flag),
          /** Keep the stack of each access, which names the driver's line. Default true. */
          stack: v.optional(flag),
        }),
      ],
      'true, false or an object (example {"stores": false})',
    ),
  ),
  /**
   * QEMU's firmware configuration device at port 510, for firmware made for QEMU, and further files in it. Default false.
   *
   * @example { files: { 'etc/sercon-port': 0x3f8 } }      // SeaBIOS's console on the first serial port
   */
  fwCfg: v.optional(fwCfg),
  /** The real-time clock's date at power-on, UTC. Default 2020-01-01T00:00:00Z. */
  date: v.optional(
    v.pipe(
      v.string(DATE),
      v.check((text) => parseDate(text) !== null, DATE),
    ),
  ),
};

const schema = object({ ...OWN_OPTIONS, ...VIRTIO_OPTIONS, ...DEVICE_OPTIONS });

// Each by the type of what declares it: for a spread, the package's types would lose each option's docstring.
type Given<Entries extends v.ObjectEntries> = v.InferInput<v.StrictObjectSchema<Entries, undefined>>;

/** The options of a machine. Every field may be left out; the same fields may stand in a JSON file. */
export type MachineOptions = Given<typeof OWN_OPTIONS> & Given<typeof VIRTIO_OPTIONS> & Given<DeviceEntries>;
export type CheckedOptions = v.InferOutput<typeof schema>;

/**
 * Checks options from anywhere, a JSON file included.
 *
 * @throws MisuseError with the path, the value and what was expected: `nics[0].mac: "42:01" is not six hex bytes`.
 */
export function checkOptions(options: unknown): CheckedOptions {
  return checked(schema, options);
}

/** Logs are untrusted, and a guest may write to all of its RAM: any host can spare this much. */
export const LOGGED_RAM = 4 * 2 ** 30;
const RAM = 'at most 4 GiB, as all RAM of a log';

const { below4G, above4G, driversAbove4G } = fieldsOf(memory);

/**
 * The machine options that a log may set: those that its guest could see. Each field is named here or by a device's
 * descriptor; none is a file, a socket or a program, and none takes more of a host than any host has.
 */
export const LOGGED_OPTIONS = object({
  ...only(
    OWN_OPTIONS,
    'seed',
    'vcpus',
    'maxCpus',
    'cpuid',
    'kvm',
    'firmwareDate',
    'firmware',
    'accessTime',
    'date',
  ),
  ...only(OWN_OPTIONS, 'patience', 'serial', 'judge', 'fwCfg'),
  memory: v.optional(
    v.pipe(
      object({ below4G, above4G, driversAbove4G }),
      v.check(({ below4G = 0, above4G = 0 }) => below4G + above4G <= LOGGED_RAM, RAM),
    ),
  ),
  ...VIRTIO_OPTIONS,
  ...LOGGED_DEVICE_OPTIONS,
});

/**
 * Checks options that a log has.
 *
 * @throws MisuseError as `checkOptions`, and for options that a log may not set.
 */
export function checkLoggedOptions(options: unknown): MachineOptions {
  return checkLogged(LOGGED_OPTIONS, options) as MachineOptions;
}

/** As `checked`, for anything that a log holds. */
export function checkLogged<Schema extends v.GenericSchema>(
  schema: Schema,
  given: unknown,
): v.InferOutput<Schema> {
  return checked(schema, given, 'what a log may name');
}
