import { MisuseError } from '../../../core/misuse.ts';
import type { ProfileName } from '../../../machine/profile.ts';
import { isOn, type Properties } from '../command-line/properties.ts';
import { kindOf } from './device-kinds.ts';

type Interface = 'legacy' | 'transitional' | 'modern';

/** The default interface of a machine's virtio devices: both on QEMU, the legacy header on Compute Engine. */
const DEFAULT: Readonly<Record<ProfileName, Interface>> = { 'qemu-pc': 'transitional', 'gce-n1': 'legacy' };

/**
 * The interface that all virtio devices of a machine show.
 *
 * @throws MisuseError if they are to show different ones, which ours cannot.
 */
export function interfaceOf(devices: readonly Properties[], profile: ProfileName): Interface {
  const virtio = devices.filter(({ driver }) => driver?.startsWith('virtio') && kindOf(driver) !== undefined);
  const wanted = virtio.map((device) => wantedBy(device) ?? DEFAULT[profile]);
  const [first = DEFAULT[profile]] = wanted;
  const other = wanted.find((one) => one !== first);
  if (other !== undefined)
    throw new MisuseError(
      '-device',
      other,
      `${first}, as the first is: all virtio devices of a machine show the same`,
    );
  return first;
}

function wantedBy(device: Properties): Interface | undefined {
  if (device['driver']!.endsWith('-non-transitional') || isOn(device['disable-legacy'])) return 'modern';
  if (isOn(device['disable-modern'])) return 'legacy';
  return device['driver']!.endsWith('-transitional') ||
    device['disable-legacy'] === 'off' ||
    device['disable-modern'] === 'off'
    ? 'transitional'
    : undefined;
}
