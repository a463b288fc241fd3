import { Buffer } from 'node:buffer';
import { MisuseError } from '../../../core/misuse.ts';
import { CardNic } from '../../../machine/devices/nic.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { VirtioHand } from '../../../machine/virtio-view.ts';
import type { Properties } from '../../qtest/command-line/properties.ts';
import type { QtestMachine } from '../../qtest/machine/qtest-machine.ts';
import { LOGGED_DEVICE } from '../logged.ts';
import { plain, plainDisk, plainNamespace, plainNic, pruned } from './plain-options.ts';
import { emptyDrive, UNPLUGGED } from './qemu-line.ts';

/** The actions from outside a machine that its guest may notice: the objects, their names, their methods. */
type Target = Readonly<Record<string, unknown>>;

const MACHINE = [
  'reset',
  'powerCut',
  'glitch',
  'pressPowerButton',
  'pressSleepButton',
  'addNic',
  'removeNic',
  'removeNvme',
  'addDisk',
  'removeDisk',
  'resizeDisk',
  'refuseCommands',
];
const NIC = ['receive', 'setLink', 'announce', 'setSpeed', 'askForReset'];
const VIRTIO = ['offer', 'breakDown'];
const NVME = ['addNamespace', 'removeNamespace', 'resizeNamespace', 'fail', 'stall', 'loseInterrupt'];
const SERIAL = ['type'];
const UART = ['inject', 'modem'];
const BALLOON = ['target', 'askStats'];
const KVM = ['tscKHz', 'refresh', 'pause', 'steal', 'preempt', 'forget', 'delay', 'pageReady'];

/** Of QEMU's monitor: devices and their backends. */
const QTEST = ['plug', 'unplug'];
const DECLARED = ['add', 'remove'];

interface End {
  readonly of: string;
  readonly target: object;
  readonly does: readonly string[];
  /** What a log has in place of the arguments; left out, the arguments. */
  readonly instead?: (given: readonly unknown[], does: string) => readonly unknown[];
  /** Clients make invalid requests; a refused request is refused again. */
  readonly refuses?: true;
}

/** A machine, and the QEMU command line's machine that it belongs to, if it stands in for QEMU. */
export interface Ended {
  readonly machine: Machine;
  readonly qtest: QtestMachine | null;
}

/** All objects outside a machine's guest, as they are now. */
function endsOf({ machine, qtest }: Ended): End[] {
  const { nics, virtio, nvme, serial, balloon, kvm } = machine;
  return [
    { of: 'machine', target: machine, does: MACHINE, instead: made },
    ...nics.map((nic) => ({ of: `nic ${nic.name}`, target: nic, does: NIC })),
    ...virtio.map((one) => ({ of: `virtio ${one.name}`, target: one, does: VIRTIO })),
    ...nvme.map((one) => ({ of: `nvme ${one.name}`, target: one, does: NVME, instead: made })),
    ...serial.map((port) => ({ of: `serial ${port.name}`, target: port, does: SERIAL })),
    ...serial.map((port) => ({ of: `uart ${port.name}`, target: port.uart, does: UART })),
    { of: 'kvm', target: kvm, does: KVM },
    ...(balloon === null ? [] : [{ of: 'balloon', target: balloon, does: BALLOON }]),
    ...(qtest === null ? [] : monitorOf(qtest)),
  ];
}

/** What makes devices. */
const MADE: Readonly<Record<string, (one: never) => unknown>> = {
  addDisk: plainDisk,
  addNic: plainNic,
  addNamespace: plainNamespace,
};

/** The options of new devices that a log may hold. */
function made(given: readonly unknown[], does: string): readonly unknown[] {
  const plainly = Object.hasOwn(MADE, does) ? MADE[does]! : null;
  if (plainly === null) return given;
  return given.map((one) => (typeof one === 'object' && one !== null ? plainly(one as never) : one));
}

/** In a log, disks are empty and NICs have no peer. */
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
 * Repeats an action from outside.
 *
 * @returns whether there is such an object and action.
 * @throws MisuseError for an action that is not possible.
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

/** Actions before the record began that still show: fewer features offered, the pages that a balloon should have. */
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

/** Reports every action from outside from now on, before it is done. */
export class OtherEndTape {
  private readonly ended: Ended;
  private readonly tell: (of: string, does: string, given: readonly unknown[]) => void;
  private readonly known = new WeakSet<object>();
  /** Actions nested in a reported one follow from it. */
  private within = 0;

  constructor(ended: Ended, tell: (of: string, does: string, given: readonly unknown[]) => void) {
    this.ended = ended;
    this.tell = tell;
    this.tap();
    if (ended.qtest !== null) this.tapParts(ended.qtest);
  }

  /** Taps the new ones. */
  private tap(): void {
    for (const { of, target, does, instead } of endsOf(this.ended)) {
      if (this.known.has(target)) continue;
      this.known.add(target);
      for (const name of does) this.tapOne(of, target as Record<string, unknown>, name, instead);
      if (target instanceof CardNic && !target.isLooped) this.tapWire(of, target);
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

  /** Reports frames from the user's own backend. */
  private tapWire(
    of: string,
    { device }: { readonly device: { receiveAll(frames: readonly Uint8Array[]): void } },
  ): void {
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

/** Arguments as a record can hold them: bytes in hexadecimal, disks, NICs and namespaces by their index. */
function packed(machine: Machine, value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  const [disk, nic] = [machine.disks.indexOf(value as never), machine.nics.indexOf(value as never)];
  if (disk >= 0) return { disk };
  if (nic >= 0) return { nic };
  const controller = machine.nvme.indexOf(value as never);
  if (controller >= 0) return { nvme: controller };
  for (const [i, { namespaces }] of machine.nvme.entries()) {
    const namespace = namespaces.indexOf(value as never);
    if (namespace >= 0) return { nvme: i, namespace };
  }
  return plain(value);
}

function unpacked(machine: Machine, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('bytes' in value && typeof value.bytes === 'string')
    return Uint8Array.from(Buffer.from(value.bytes, 'hex'));
  if ('disk' in value) return machine.disks.at(value.disk as number);
  if ('nic' in value) return machine.nics.at(value.nic as number);
  if ('nvme' in value) {
    const controller = machine.nvme.at(value.nvme as number);
    return 'namespace' in value ? controller?.namespaces.at(value.namespace as number) : controller;
  }
  return value;
}
