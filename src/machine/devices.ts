import type { Board } from '../core/board.ts';
import { MisuseError } from '../core/misuse.ts';
import type { Endian } from '../core/struct.ts';
import { FileMedium } from '../media/file.ts';
import type { Medium } from '../media/medium.ts';
import { MemoryMedium } from '../media/memory.ts';
import { Loopback, type NetBackend } from '../net/backends/index.ts';
import { VirtioBalloon } from '../virtio/balloon/device.ts';
import type { VirtioDevice } from '../virtio/device.ts';
import { VirtioNet } from '../virtio/net/device.ts';
import { NET_FEATURE } from '../virtio/net/registers.ts';
import { FEATURE } from '../virtio/registers.ts';
import { VirtioRng } from '../virtio/rng/device.ts';
import { VirtioScsi } from '../virtio/scsi/device.ts';
import { type FunctionOptions, VirtioFunction } from '../virtio/transport/function.ts';
import { type CompletionOptions, completionPolicy } from './completion-options.ts';
import { Nic } from './nic.ts';
import type { DiskOptions, MachineOptions, NicOptions } from './options.ts';
import type { Profile } from './profile.ts';

const NET_CLASS = 0x02_0000;
/** Of virtio-balloon and virtio-rng: none of the classes fits. */
const OTHER_CLASS = 0x00_ff00;
export const DISKS_DEFAULT: readonly DiskOptions[] = [{ bytes: 64 << 20 }];

/** Where a disk answers. */
export interface Place {
  readonly target: number;
  readonly lun: number;
}

/** A disk as a test holds it. */
export interface Disk extends Place {
  readonly medium: Medium;
}

/**
 * Where each disk goes: where its options say, else LUN 0 of the lowest target that nobody names.
 *
 * @param taken where there are disks already.
 * @throws MisuseError for a place that the adapter has not, or that is taken.
 */
export function placeDisks(
  disks: readonly DiskOptions[],
  { max_target, max_lun }: Profile['scsi'],
  taken: readonly Place[] = [],
): Place[] {
  const all = [...taken];
  const named = new Set([...taken, ...disks].map(({ target }) => target));
  return disks.map(({ target, lun = 0 }, index) => {
    let free = 1;
    while (target === undefined && named.has(free)) free++;
    const place = { target: target ?? free, lun };
    const path = `disks[${index}]`;
    if (place.target > max_target)
      throw new MisuseError(`${path}.target`, place.target, `a target from 0 to ${max_target}`);
    if (lun > max_lun) throw new MisuseError(`${path}.lun`, lun, `a LUN from 0 to ${max_lun}`);
    if (all.some((other) => other.target === place.target && other.lun === lun))
      throw new MisuseError(path, place, 'at a place that no other disk has');
    named.add(place.target);
    all.push(place);
    return place;
  });
}

/** The media of all disks, opened; if one cannot be, none stays open. */
export function openMedia(disks: readonly DiskOptions[]): Medium[] {
  const opened: Medium[] = [];
  try {
    for (const [index, options] of disks.entries()) opened.push(openMedium(options, `disks[${index}]`));
  } catch (error) {
    for (const medium of opened) medium.close();
    throw error;
  }
  return opened;
}

function openMedium(options: DiskOptions, path: string): Medium {
  const { file, bytes, medium, readOnly = false } = options;
  if ([file, bytes, medium].filter((x) => x !== undefined).length !== 1)
    throw new MisuseError(path, Object.keys(options), 'a disk with one of file, bytes and medium');
  if (file !== undefined) return FileMedium.open(file, { readOnly });
  return medium ?? new MemoryMedium(bytes!, { readOnly });
}

/** `profile` with what the options say of the virtio functions. */
export function withTransport(profile: Profile, options: MachineOptions): Profile {
  const { virtio = 'legacy', ringFeatures = [], strictness = 'lenient' } = options;
  const { reservedFeatures = false, capabilityDecoys = false } = options;
  const endian: Endian = options.guestEndian === 'big' ? 'be' : 'le';
  const manners = { strictness, reservedFeatures, capabilityDecoys, endian };
  if (endian === 'be' && virtio !== 'legacy')
    throw new MisuseError('guestEndian', 'big', '"little", which it must be unless virtio is "legacy"');
  if (virtio === 'legacy') {
    if (ringFeatures.length > 0)
      throw new MisuseError(
        'ringFeatures',
        ringFeatures,
        'an empty list, which it must be while virtio is "legacy"',
      );
    return { ...profile, ...manners };
  }
  const named = ringFeatures.map((name) => FEATURE[name]);
  const features = [...profile.ringFeatures, FEATURE.VERSION_1, ...named];
  return { ...profile, ...manners, virtio, ringFeatures: features };
}

/** A function, and which device it is. */
export type FunctionOf<Device extends VirtioDevice> = VirtioFunction & { readonly device: Device };

function functionFor<Device extends VirtioDevice>(
  profile: Profile,
  device: Device,
  { completion, ...options }: Omit<FunctionOptions, 'shows'> & { completion?: CompletionOptions | undefined },
): FunctionOf<Device> {
  const policy = completionPolicy(completion) ?? profile.completion;
  if (policy) device.completeBy(policy);
  device.strictness = profile.strictness ?? 'lenient';
  if (profile.reservedFeatures) device.offerBaits();
  const { virtio: shows = 'legacy', capabilityDecoys: decoys = false } = profile;
  const fn = new VirtioFunction(device.name, device, { shows, decoys, ...options });
  return fn as FunctionOf<Device>;
}

export function makeScsi(
  board: Board,
  profile: Profile,
  options: MachineOptions['scsi'] = {},
): FunctionOf<VirtioScsi> {
  const device = new VirtioScsi('scsi0', board, {
    ...profile.scsi,
    ringSize: options.ringSize ?? profile.scsi.ringSize,
    latency: options.latency ?? 0,
    ringFeatures: profile.ringFeatures,
    endian: profile.endian ?? 'le',
  });
  const vectors = device.queues.length + 1;
  return functionFor(profile, device, {
    class: profile.scsiClass,
    msix: { ...profile.msix, vectors },
    completion: options.completion,
  });
}

export function makeNic(
  board: Board,
  profile: Profile,
  index: number,
  vcpus: number,
  options: NicOptions = {},
): Nic {
  const name = `net${index}`;
  const pairs = options.queues ?? vcpus;
  const device = new VirtioNet(name, board, {
    mac: options.mac === undefined ? defaultMac(index) : parseMac(options.mac),
    pairs,
    ringSize: options.ringSize ?? profile.net.ringSize,
    ringFeatures: profile.ringFeatures,
    endian: profile.endian ?? 'le',
    mergeable: options.mergeable ?? profile.net.mergeable,
    offer: (options.offer ?? []).map((feature) => NET_FEATURE[feature]),
  });
  const fn = functionFor(profile, device, {
    class: NET_CLASS,
    msix: { ...profile.msix, vectors: 2 * pairs + 1 },
    completion: options.completion,
  });
  device.plug(backendOf(options.backend));
  return new Nic(device, fn);
}

export function makeBalloon(board: Board, profile: Profile): FunctionOf<VirtioBalloon> {
  const { ringFeatures, endian = 'le' } = profile;
  const { ringSize } = profile.balloon;
  const device = new VirtioBalloon('balloon0', board, { ringSize, ringFeatures, endian });
  const vectors = device.queues.length + 1;
  return functionFor(profile, device, { class: OTHER_CLASS, msix: { ...profile.msix, vectors } });
}

export function makeRng(board: Board, profile: Profile): VirtioFunction {
  const device = new VirtioRng('rng0', board, profile.rng.ringSize, profile.ringFeatures, profile.endian);
  return functionFor(profile, device, { class: OTHER_CLASS, msix: { ...profile.msix, vectors: 2 } });
}

function backendOf(backend: NicOptions['backend'] = 'none'): NetBackend | null {
  if (backend === 'none') return null;
  return backend === 'loopback' ? new Loopback() : backend;
}

/** As Compute Engine does it: 42:01, then the IPv4 address; ours counts up from 10.128.0.2. */
function defaultMac(index: number): Uint8Array {
  return Uint8Array.of(0x42, 0x01, 0x0a, 0x80, 0x00, 2 + index);
}

function parseMac(text: string): Uint8Array {
  return Uint8Array.from(text.split(':'), (byte) => Number.parseInt(byte, 16));
}
