import { existsSync } from 'node:fs';
import type { Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import { MisuseError } from '../../../core/misuse.ts';
import { CLAUSE_IDS, type ClauseId } from '../../../rules/index.ts';
import { ENUMERATION } from '../../../rules/pci/enumeration.ts';
import { BY_REGISTERS } from '../../log/qemu/judged.ts';
import type { Qemu } from '../find-qemu.ts';
import type { GceLikeOptions } from '../machine/arguments.ts';
import { QemuMachine } from '../machine/qemu-machine.ts';
import { JudgedPort } from './judged-port.ts';
import { lookOver } from './look-over.ts';
import { Shadow } from './shadow.ts';
import { TraceTail } from './trace-tail.ts';

/** What registers show, and what enumeration found. The interrupt controllers that a driver reaches are not QEMU's. */
const JUDGES: ReadonlySet<ClauseId> = new Set(
  CLAUSE_IDS.filter((clause) => BY_REGISTERS.has(clause) || Object.hasOwn(ENUMERATION, clause)),
);

/** QEMU's machine that is nearest to Compute Engine's, with a judge of its driver. */
export class JudgedQemu {
  readonly port: JudgedPort;
  readonly journal: Journal;
  readonly judges = JUDGES;
  readonly seed: number;
  private readonly qemu: QemuMachine;
  private readonly tail: TraceTail;
  private readonly shadow: Shadow;

  /**
   * @param disks raw images, which are written to.
   * @throws MisuseError for a QEMU that does not start, and for one that was built without its trace.
   */
  constructor(
    qemu: Qemu,
    disks: readonly string[],
    { virtio, seed }: Pick<GceLikeOptions, 'virtio'> & { readonly seed: number },
  ) {
    this.seed = seed;
    this.qemu = new QemuMachine(qemu, disks, {
      writable: true,
      traced: true,
      ...(virtio !== undefined && { virtio }),
    });
    const { port, files } = this.qemu;
    if (!existsSync(files.trace)) {
      this.qemu.close();
      throw new MisuseError('--on', qemu.binary, '', `${qemu.binary} was built without its log of traces`);
    }
    this.tail = new TraceTail(files.trace);
    lookOver(port);
    this.shadow = new Shadow(this.tail.events());
    this.journal = this.shadow.machine.journal;
    this.port = new JudgedPort(port, this.tail, this.shadow);
  }

  get ramBytes(): number {
    return this.qemu.ramBytes;
  }

  get now(): Nanos {
    return this.qemu.now;
  }

  get serial() {
    return this.qemu.serial;
  }

  get disks() {
    return this.qemu.disks;
  }

  get nics(): QemuMachine['nics'] {
    return this.qemu.nics;
  }

  unseen(act: () => void): void {
    this.journal.quietly(act);
  }

  close(): void {
    this.shadow.machine.close();
    this.tail.close();
    this.qemu.close();
  }
}
