import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { ProfileName } from '../../../machine/profile.ts';
import { qemuPc } from '../../../machine/qemu-pc.ts';
import { MemoryMedium } from '../../../media/memory.ts';
import type { Qemu } from '../find-qemu.ts';
import { filesIn, gceLike } from '../machine/arguments.ts';
import { QemuPort } from '../port.ts';
import { Side } from './side.ts';

const DISK_BYTES = 1 << 20;
const CONTENT = Uint8Array.from({ length: DISK_BYTES }, (_, i) => i * 7 + (i >> 8));
const MACHINES = { 'gce-n1': gceN1, 'qemu-pc': qemuPc } as const;

/** Our machine and QEMU's, each at power-on and with the same disk. */
export class Pair {
  readonly ours: Side;
  readonly theirs: Side;
  private readonly qemu: QemuPort;

  constructor(qemu: Qemu, profile: ProfileName, virtio: 'legacy' | 'modern') {
    const machine = MACHINES[profile]({
      virtio,
      firmware: false,
      judge: false,
      serial: { pace: 'instant' },
      disks: [{ medium: MemoryMedium.from(CONTENT.slice()) }],
    });
    this.qemu = QemuPort.startOn(qemu, {
      interrupts: false,
      arguments: (folder) => {
        const disk = join(folder, 'disk.img');
        writeFileSync(disk, CONTENT);
        return gceLike(filesIn(folder), [disk], { writable: true, virtio });
      },
    });
    this.ours = new Side(machine.port);
    this.theirs = new Side(this.qemu);
  }

  close(): void {
    this.qemu.close();
  }
}
