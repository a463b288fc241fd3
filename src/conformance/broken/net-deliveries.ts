import type { GuestPort } from '../../core/guest-port.ts';
import { type NicDriver, virtioNet } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { ClauseId } from '../../rules/index.ts';
import type { Oddity } from '../../rules/virtio/net/deliveries.ts';
import {
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  virtq_used,
  virtq_used_elem,
} from '../../virtio/registers.ts';
import { deliver } from '../deliveries.ts';
import { receivedBy } from '../net-errands.ts';
import { behind } from './behind.ts';
import type { BrokenDriver } from './broken-driver.ts';
import { entriesOf } from './rings/rewrite-rings.ts';

/** All of flags that 1.0 has. */
const KNOWN_FLAGS = 3;
const HEADERS = 54;
const MUCH = 8;

/** The good network driver, which hands on what `mistake` makes of a frame; null is nothing. */
function handingOn(
  name: string,
  clause: ClauseId,
  oddity: Oddity,
  mistake: (frame: Uint8Array, nic: NicDriver) => Uint8Array | null,
  through: (port: GuestPort) => GuestPort = (port) => port,
): BrokenDriver {
  const good = virtioNet({ interrupts: 'polled' });
  return {
    clause,
    machine: () =>
      gceN1(oddity === 'spoil' ? { completion: { spoil: true } } : { nics: [{ oddHeaders: [oddity] }] }),
    model: {
      name,
      drivers: [{ ...good, attach: (port, bdf) => good.attach(through(port), bdf) }],
      run: (_port, handles, machine) => {
        const nic = handles.find((handle) => handle !== undefined) as NicDriver;
        deliver(machine, oddity, () => receivedBy(nic).flatMap((frame) => mistake(frame, nic) ?? []));
      },
    },
  };
}

/** Each length in the used ring of the first queue reads as so many bytes more. */
function misreadUsed(port: GuestPort): GuestPort {
  const { memory } = port;
  let first = -1;
  let last = -1;
  return behind(port, {
    allocate: (bytes, align) => {
      const at = port.allocate(bytes, align);
      const size = align === LEGACY_QUEUE_ALIGN ? entriesOf(bytes) : undefined;
      if (first < 0 && size !== undefined) {
        first = at + legacyQueueLayout(size).used + virtq_used.size + virtq_used_elem.offset.len;
        last = first + size * virtq_used_elem.size;
      }
      return at;
    },
    memory: {
      ...(memory.endian !== undefined && { endian: memory.endian }),
      load: (address, width) => {
        const isLength =
          first >= 0 && address >= first && address < last && (address - first) % virtq_used_elem.size === 0;
        return memory.load(address, width) + (isLength ? MUCH : 0);
      },
      store: (address, value, width) => memory.store(address, value, width),
      read: (address, into) => memory.read(address, into),
      write: (address, from) => memory.write(address, from),
      fill: (address, value, length) => memory.fill(address, value, length),
      fence: () => memory.fence(),
    },
  });
}

/** They believe what a device says of a frame, and is not to be believed. */
export const BROKEN_RECIPIENTS: readonly BrokenDriver[] = [
  handingOn('drops frames with a flag that it does not know', 'virtio/NET-RX-D1', 'flags', (frame, nic) =>
    (nic.header!.flags & ~KNOWN_FLAGS) === 0 ? frame : null,
  ),
  handingOn('drops frames whose csum_start is far out', 'virtio/NET-RX-D3', 'checksum', (frame, nic) =>
    nic.header!.csum_start < frame.length - 1 ? frame : null,
  ),
  handingOn('cuts headers where hdr_len says', 'virtio/NET-RX-D4', 'hdr_len', (frame, nic) =>
    Uint8Array.from([...frame.subarray(0, nic.header!.hdr_len), ...frame.subarray(HEADERS)]),
  ),
  handingOn(
    'takes more of a buffer than was written',
    'virtio/VQ-USED-D1',
    'spoil',
    (frame) => frame,
    misreadUsed,
  ),
];
