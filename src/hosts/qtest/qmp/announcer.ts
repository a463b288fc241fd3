import type { Nic } from '../../../machine/devices/nic.ts';
import type { NetBackend } from '../../../net/backends/backend.ts';

const RARP = 0x8035;
const FRAME = 60;

/** How announcements are spread, in milliseconds. */
interface Announcement {
  readonly initial: number;
  readonly max: number;
  readonly rounds: number;
  readonly step: number;
}

/**
 * `announce-self`: for each NIC a reverse ARP on its wire, as a switch learns from it after a migration, and the same again for
 * some rounds, on the host's time, as in QEMU.
 */
export class Announcer {
  private readonly tell: () => void;
  private timer: NodeJS.Timeout | undefined;

  /** @param wires the backend of each NIC. */
  constructor(wires: ReadonlyMap<Nic, NetBackend | null>) {
    this.tell = () => {
      for (const [nic, wire] of wires) wire?.send(rarp(nic.mac));
    };
  }

  /** Stops the present announcements. */
  announce({ initial, max, rounds, step }: Announcement): void {
    clearTimeout(this.timer);
    if (rounds <= 0) return;
    this.tell();
    let [left, wait] = [rounds - 1, initial];
    const again = () => {
      if (left-- <= 0) return;
      this.timer = setTimeout(() => {
        this.tell();
        wait = Math.min(max, wait + step);
        again();
      }, wait);
    };
    again();
  }

  close(): void {
    clearTimeout(this.timer);
  }
}

/** A broadcast that asks for the address of its own MAC. RFC 903. */
function rarp(mac: string): Uint8Array {
  const own = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  const frame = new Uint8Array(FRAME);
  frame.fill(0xff, 0, 6);
  frame.set(own, 6);
  frame.set([RARP >> 8, RARP & 0xff, 0, 1, 8, 0, 6, 4, 0, 3], 12);
  frame.set(own, 22);
  frame.set(own, 32);
  return frame;
}
