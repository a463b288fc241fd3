import { Buffer } from 'node:buffer';
import { MisuseError } from '../../../core/misuse.ts';
import { VirtioNic } from '../../../machine/devices/nic.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { VirtioHand } from '../../../machine/virtio-view.ts';
import type { Properties } from '../../qtest/command-line/properties.ts';
import type { QtestMachine } from '../../qtest/machine/qtest-machine.ts';
import { LOGGED_DEVICE } from '../logged.ts';
import { plain, plainDisk, plainNic, pruned } from './plain-options.ts';
import { emptyDrive, UNPLUGGED } from './qemu-line.ts';

/** What somebody at the machine's other end can do that its guest may notice: who can be asked, by what name, for what. */
type Target = Readonly<Record<string, unknown>>;

const MACHINE = [
  'reset',
  'glitch',
  'pressPowerButton',
  'pressSleepButton',
  'addNic',
  'removeNic',
  'addDisk',
  'removeDisk',
  'resizeDisk',
  'refuseCommands',
];
const NIC = ['receive', 'setLink', 'announce', 'setSpeed'];
const VIRTIO = ['offer', 'breakDown'];
const SERIAL = ['type'];
const UART = ['inject', 'modem'];
const BALLOON = ['target', 'askStats'];

/** Of QEMU's monitor: devices, and what they are on. */
const QTEST = ['plug', 'unplug'];
const DECLARED = ['add', 'remove'];

interface End {
  readonly of: string;
  readonly target: object;
  readonly does: readonly string[];
  /** What a log has in place of what was given; left out, that. */
  readonly instead?: (given: readonly unknown[], does: string) => readonly unknown[];
  /** Clients ask for what cannot be; what was refused is refused again. */
  readonly refuses?: true;
}

/** A machine, and what it is of where it stands in QEMU's place. */
export interface Ended {
  readonly machine: Machine;
  readonly qtest: QtestMachine | null;
}

/** Everybody at the other end of a machine, as it is now. */
function endsOf({ machine, qtest }: Ended): End[] {
  const { nics, virtio, serial, balloon } = machine;
  return [
    { of: 'machine', target: machine, does: MACHINE, instead: made },
    ...nics.map((nic) => ({ of: `nic ${nic.name}`, target: nic, does: NIC })),
    ...virtio.map((one) => ({ of: `virtio ${one.name}`, target: one, does: VIRTIO })),
    ...serial.map((port) => ({ of: `serial ${port.name}`, target: port, does: SERIAL })),
    ...serial.map((port) => ({ of: `uart ${port.name}`, target: port.uart, does: UART })),
    ...(balloon === null ? [] : [{ of: 'balloon', target: balloon, does: BALLOON }]),
    ...(qtest === null ? [] : monitorOf(qtest)),
  ];
}

/** Of devices that are made, what a log may hold. */
function made(given: readonly unknown[], does: string): readonly unknown[] {
  const isMaker = does === 'addDisk' || does === 'addNic';
  if (!isMaker) return given;
  const plainly = does === 'addDisk' ? plainDisk : plainNic;
  return given.map((one) => (typeof one === 'object' && one !== null ? plainly(one) : one));
}

/** Disks are empty in a log, and nobody is behind a NIC. */
function monitorOf(qtest: QtestMachine): End[] {
  const { drives, netdevs } = qtest;
  const drive = ([name, given]: readonly unknown[]) =>
    given === undefined ? [name] : [name, emptyDrive(given as Properties)];
  // A device, or the name of one.
  const heard = (given: unknown) => (typeof given === 'object' ? pruned(LOGGED_DEVICE, given) : given);
  const netdev = ([id, given]: readonly unknown[]) => (given === undefined ? [id] : [id, UNPLUGGED]);
  return [
    { of: 'qtest', target: qtest, does: QTEST, instead: (given) => given.map(heard), refuses: true },
    { of: 'drives', target: drives, does: DECLARED, instead: drive, refuses: true },
    { of: 'netdevs', target: netdevs, does: DECLARED, instead: netdev, refuses: true },
  ];
}

/**
 * Does once more what somebody at the other end did.
 *
 * @returns whether there is anybody to ask for that.
 * @throws MisuseError for what nobody could be asked for.
 */
export function actAsOtherEnd(ended: Ended, of: string, does: string, given: readonly unknown[]): boolean {
  const end = endsOf(ended).find((one) => one.of === of);
  if (end === undefined || !end.does.includes(does)) return false;
  const target = end.target as Record<string, unknown>;
  const values = given.map((value) => unpacked(ended.machine, value));
  const method = target[does];
  try {
    if (typeof method === 'function') method.apply(target, values);
    else target[does] = values[0];
  } catch (error) {
    if (end.refuses !== true || !(error instanceof MisuseError)) throw error;
  }
  return true;
}

/** What was done before anybody wrote it down, and still shows: fewer features than there are, pages that a balloon is to have. */
export function doneBefore(machine: Machine): { of: string; does: string; with: unknown[] }[] {
  const { balloon, virtio } = machine;
  const offers = virtio.flatMap((view) => {
    const { legacy, modern, isReduced } = (view as VirtioHand).fn.device.offers;
    const only = view.features.filter((bit) => legacy.has(bit) || modern.has(bit));
    return isReduced ? [{ of: `virtio ${view.name}`, does: 'offer', with: [{ only }] }] : [];
  });
  if (balloon === null || balloon.target === 0) return offers;
  return [...offers, { of: 'balloon', does: 'target', with: [balloon.target] }];
}

/** Tells of everything that somebody at the other end does from now on, before it is done. */
export class OtherEndTape {
  private readonly ended: Ended;
  private readonly tell: (of: string, does: string, given: readonly unknown[]) => void;
  private readonly known = new WeakSet<object>();
  /** What is done within what was told follows from it. */
  private within = 0;

  constructor(ended: Ended, tell: (of: string, does: string, given: readonly unknown[]) => void) {
    this.ended = ended;
    this.tell = tell;
    this.tap();
    if (ended.qtest !== null) this.tapParts(ended.qtest);
  }

  /** Those that are new. */
  private tap(): void {
    for (const { of, target, does, instead } of endsOf(this.ended)) {
      if (this.known.has(target)) continue;
      this.known.add(target);
      for (const name of does) this.tapOne(of, target as Record<string, unknown>, name, instead);
      if (target instanceof VirtioNic && !target.isLooped) this.tapWire(of, target);
    }
  }

  private tapOne(
    of: string,
    target: Record<string, unknown>,
    name: string,
    instead: NonNullable<End['instead']> = (given) => given,
  ): void {
    const method = target[name];
    if (typeof method !== 'function') this.tapField(of, target, name);
    else
      target[name] = (...given: unknown[]) =>
        this.told(of, name, instead(given, name), () => method.apply(target, given));
  }

  /** A device that goes as the guest ejects it, or as the machine is reset, goes again by that. */
  private tapParts({ parts }: QtestMachine): void {
    const remove = parts.remove.bind(parts);
    parts.remove = (part) => this.following(() => remove(part));
  }

  private tapField(of: string, target: Target, name: string): void {
    Object.defineProperty(target, name, {
      get: () => Reflect.get(Object.getPrototypeOf(target), name, target),
      set: (value) =>
        void this.told(of, name, [value], () =>
          Reflect.set(Object.getPrototypeOf(target), name, value, target),
        ),
    });
  }

  /** What comes from a backend of somebody's own. */
  private tapWire(of: string, { device }: VirtioNic): void {
    const receive = device.receiveAll.bind(device);
    device.receiveAll = (frames) => this.told(of, 'receive', [...frames], () => receive(frames));
  }

  private told<T>(of: string, does: string, given: readonly unknown[], act: () => T): T {
    if (this.within === 0)
      this.tell(
        of,
        does,
        given.map((value) => packed(this.ended.machine, value)),
      );
    return this.following(act);
  }

  private following<T>(act: () => T): T {
    this.within++;
    try {
      return act();
    } finally {
      this.within--;
      this.tap();
    }
  }
}

/** What a record can have of what was given: bytes in hexadecimal, disks and NICs by their place. */
function packed(machine: Machine, value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  const [disk, nic] = [machine.disks.indexOf(value as never), machine.nics.indexOf(value as never)];
  if (disk >= 0) return { disk };
  if (nic >= 0) return { nic };
  return plain(value);
}

function unpacked(machine: Machine, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('bytes' in value && typeof value.bytes === 'string')
    return Uint8Array.from(Buffer.from(value.bytes, 'hex'));
  if ('disk' in value) return machine.disks.at(value.disk as number);
  if ('nic' in value) return machine.nics.at(value.nic as number);
  return value;
}
