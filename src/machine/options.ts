import * as v from 'valibot';
import { Clock } from '../core/clock.ts';
import { MisuseError } from '../core/misuse.ts';
import type { Medium } from '../media/medium.ts';
import type { NetBackend } from '../net/backends/index.ts';
import { completion } from './completion-options.ts';
import { flag, object, whole } from './option-kinds.ts';
import { parseDate } from './rtc-contents.ts';

const MIB = 1 << 20;
const DATE = 'a date from 2000 to 2099 (example 2018-11-22T05:50:31Z)';
const MODERN_FEATURES = [
  'INDIRECT_DESC',
  'EVENT_IDX',
  'ACCESS_PLATFORM',
  'RING_PACKED',
  'IN_ORDER',
  'ORDER_PLATFORM',
  'SR_IOV',
  'NOTIFICATION_DATA',
  'NOTIF_CONFIG_DATA',
  'RING_RESET',
] as const;

const pages = v.pipe(
  v.number('a number of bytes'),
  v.check((n) => Number.isInteger(n) && n >= 0 && n % 4096 === 0, 'a multiple of 4096 bytes'),
);
const ringSize = v.pipe(
  v.number('a power of two from 2 to 32768'),
  v.check((n) => n >= 2 && n <= 32_768 && Number.isInteger(Math.log2(n)), 'a power of two from 2 to 32768'),
);
const mac = v.pipe(
  v.string('six hex bytes (example 42:01:0a:80:00:02)'),
  v.regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i, 'six hex bytes (example 42:01:0a:80:00:02)'),
);

function isBuffer(x: unknown): boolean {
  return x instanceof ArrayBuffer || x instanceof SharedArrayBuffer;
}

/** An object with such a method: nothing that a JSON file can hold. */
function has(x: unknown, method: string): boolean {
  return typeof (x as Record<string, unknown> | null | undefined)?.[method] === 'function';
}

const memory = object({
  /** RAM below 4 GiB, in bytes. Default 128 MiB. */
  below4G: v.optional(
    v.pipe(pages, v.minValue(2 * MIB, 'at least 2 MiB'), v.maxValue(3072 * MIB, 'at most 3 GiB')),
  ),
  /** RAM from 4 GiB up, in bytes. Default 0. */
  above4G: v.optional(pages),
  /** Give drivers RAM so far above 4 GiB that an address cut to 32 bits is no RAM. Needs more above than below. */
  driversAbove4G: v.optional(flag),
  /** Lent RAM: an ArrayBuffer, SharedArrayBuffer or WebAssembly.Memory of at least both sizes together. */
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

const disk = object({
  /** A file that holds the disk; its size is a multiple of 512. */
  file: v.optional(v.string('a path')),
  /** Or an empty disk of so many bytes, sparse in memory. */
  bytes: v.optional(
    v.pipe(
      v.number('a number of bytes'),
      v.check((n) => Number.isSafeInteger(n) && n > 0 && n % 512 === 0, 'a multiple of 512 bytes, above 0'),
    ),
  ),
  /** Or a medium of your own. */
  medium: v.optional(v.custom<Medium>((x) => has(x, 'read'), 'a medium')),
  readOnly: v.optional(flag),
  /** SCSI target. Default: the lowest from 1 on that no other disk has. */
  target: v.optional(whole(0, 255)),
  /** LUN. Default 0. */
  lun: v.optional(whole(0, 16_383)),
  /** Device name in VPD page 83. Default persistent-disk-0 and so on. */
  name: v.optional(
    v.pipe(v.string('a name'), v.regex(/^[\x21-\x7e]{1,64}$/, 'up to 64 printable characters')),
  ),
});

const nic = object({
  mac: v.optional(mac),
  /** Queue pairs. Default: one a vCPU. */
  queues: v.optional(whole(1, 128)),
  ringSize: v.optional(ringSize),
  /** Offer MRG_RXBUF. Default false on gceN1, true on qemuPc. */
  mergeable: v.optional(flag),
  /** Default: what the machine's says. */
  completion: v.optional(completion),
  /** What lies at the other end: nothing, every frame sent comes back, or a backend of your own. */
  backend: v.optional(
    v.union(
      [v.picklist(['none', 'loopback']), v.custom<NetBackend>((x) => has(x, 'send'))],
      '"none", "loopback" or a backend',
    ),
  ),
});

const serial = object({
  /** How long characters take: by the baud rate (the default), or none, as byte streams do it. */
  pace: v.optional(v.picklist(['baud', 'instant'], '"baud" or "instant"')),
  /** IRQs of COM1 to COM4, 3 to 7; ports may share one. Default 4, 3, 6, 7 on gceN1, 4, 3, 4, 3 on qemuPc. */
  irqs: v.optional(
    v.strictTuple([isaIrq, isaIrq, isaIrq, isaIrq], 'four IRQs from 3 to 7 (example [4, 3, 4, 3])'),
  ),
});

const schema = object({
  /** Every random choice comes from it. Default 1. */
  seed: v.optional(whole(0, 0xffff_ffff)),
  /** vCPUs: how many queue pairs a NIC has. One of them runs the guest. Default 1. */
  vcpus: v.optional(whole(1, 64)),
  /**
   * Start where a BIOS hands over (true, the default), where a UEFI does ("uefi", on gceN1 and with at least 16 MiB
   * below 4 GiB), or at power-on (false).
   */
  firmware: v.optional(v.union([flag, v.literal('uefi')], 'true, false or "uefi"')),
  /** Virtual nanoseconds that each port or MMIO access takes. Default 1000. */
  accessTime: v.optional(whole(1, 1_000_000)),
  memory: v.optional(memory),
  /** Default: one empty disk of 64 MiB. */
  disks: v.optional(v.array(disk, 'a list of disks')),
  /** Default: one. */
  nics: v.optional(v.array(nic, 'a list of NICs')),
  scsi: v.optional(
    object({
      ringSize: v.optional(ringSize),
      /** Virtual nanoseconds from kick to completion. Default 0: within the kick. */
      latency: v.optional(whole(0, 10_000_000_000)),
      /** Default: what the machine's says. */
      completion: v.optional(completion),
    }),
  ),
  /** The four serial ports. */
  serial: v.optional(serial),
  /** Virtual time to share: machines on one hub need one clock. Default: a clock of its own. */
  clock: v.optional(v.instance(Clock, 'a Clock')),
  /** What every virtio function shows: the legacy header (the default), the modern structures, or both. */
  virtio: v.optional(
    v.picklist(['legacy', 'transitional', 'modern'], '"legacy", "transitional" or "modern"'),
  ),
  /** Further device-independent features to offer, of those that only the modern interface has. */
  ringFeatures: v.optional(
    v.array(v.picklist(MODERN_FEATURES, `one of ${MODERN_FEATURES.join(', ')}`), 'a list of features'),
  ),
  /** How completions of virtio devices reach the driver. Default: at once, in the order of the work. */
  completion: v.optional(completion),
  /** What virtio devices do about a driver that breaks a rule: as QEMU does (lenient, the default), or refuse. */
  strictness: v.optional(v.picklist(['lenient', 'strict'], '"lenient" or "strict"')),
  /** The guest's byte order, in which legacy devices speak. Big-endian needs virtio "legacy". Default little. */
  guestEndian: v.optional(v.picklist(['little', 'big'], '"little" or "big"')),
  /** Offer, by the seed, feature bits that mean nothing and that no driver may take. Default false. */
  reservedFeatures: v.optional(flag),
  /** Show, by the seed, virtio capabilities that a driver must pass over. Default false; legacy functions have none. */
  capabilityDecoys: v.optional(flag),
  /** Watch the guest, and say what it does wrong; `stores: false` without what its drivers store to memory. Default true. */
  judge: v.optional(
    v.union(
      [flag, object({ stores: v.optional(flag) })],
      'true, false or an object (example {"stores": false})',
    ),
  ),
  /** QEMU's firmware configuration device at port 510, for firmware made for QEMU. Default false. */
  fwCfg: v.optional(flag),
  /** What the real-time clock says when power comes on, UTC. Default 2020-01-01T00:00:00Z. */
  date: v.optional(
    v.pipe(
      v.string(DATE),
      v.check((text) => parseDate(text) !== null, DATE),
    ),
  ),
  /** The virtual display of Compute Engine, in the slot after the NICs. Default false. */
  display: v.optional(flag),
  /** A virtio-balloon beside the rest. Default false. */
  balloon: v.optional(flag),
  /** A virtio-rng beside the rest. Default false. */
  rng: v.optional(flag),
});

/** What a machine can be told. Every field may be left out; the same fields may stand in a JSON file. */
export type MachineOptions = v.InferInput<typeof schema>;
export type DiskOptions = v.InferInput<typeof disk>;
export type NicOptions = v.InferInput<typeof nic>;

/**
 * Checks options from anywhere, a JSON file included.
 *
 * @throws MisuseError with the path, the value and what was expected: `nics[0].mac: "42:01" is not six hex bytes`.
 */
export function checkOptions(options: unknown): MachineOptions {
  const result = v.safeParse(schema, options);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const unknown = issue.type === 'strict_object' && issue.expected === 'never';
  const keys = (issue.path ?? []).map(({ key }) => key);
  const path = unknown ? keys.slice(0, -1) : keys;
  throw new MisuseError(pathText(path), issue.input, unknown ? 'an option' : expectation(issue));
}

function pathText(path: readonly unknown[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text.replace(/^\./, '') || 'options';
}

/** Our own words where the schema has some, else what valibot expected. */
function expectation(issue: v.BaseIssue<unknown>): string {
  return issue.message.startsWith('Invalid') ? (issue.expected ?? 'valid') : issue.message;
}
