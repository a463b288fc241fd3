import type { Access, Region, Tap } from '../../core/access.ts';
import type { Machine } from '../../machine/machine.ts';
import type { VirtioView } from '../../machine/virtio-view.ts';
import { COMMAND } from '../../pci/registers.ts';
import { DEVICE_STATUS, ISR_STATUS } from '../../virtio/registers.ts';
import { PLACE } from '../../virtio/transport/modern/interface.ts';
import { device_status } from '../../virtio/transport/modern/registers.ts';
import { isConfig, KeptDevices } from '../kept-devices.ts';

const { ACKNOWLEDGE, DRIVER, DRIVER_OK } = DEVICE_STATUS.mask;
/** The F segment: SeaBIOS runs there, in the guest's RAM. */
const ROM = 0xf_0000;
const ROM_BYTES = 0x1_0000;
const NAME = 'SeaBIOS';

/** The registers of an interface that SeaBIOS's driver uses. */
interface Registers {
  readonly status: number;
  readonly isr: number;
  /** Further registers that it uses while it sets the device up (vp_init_simple, vp_find_vq, init_virtio_scsi). */
  readonly more: readonly number[];
}

/** Queue Address, Queue Size, Queue Select, Queue Notify. */
const HEADER: Registers = {
  status: DEVICE_STATUS.offset,
  isr: ISR_STATUS.offset,
  more: [0x08, 0x0c, 0x0e, 0x10],
};
/** Features, their selects, and all of a queue but its vector. */
const STRUCTURES: Registers = {
  status: device_status.offset,
  isr: PLACE.isr,
  more: [0x00, 0x04, 0x08, 0x0c, 0x16, 0x18, 0x1c, 0x1e, 0x20, 0x24, 0x28, 0x2c, 0x30, 0x34],
};
/** It begins with a reset, the ISR, and both bits of the status at once. */
const BEGINNING = 3;

/**
 * Attributes accesses to SeaBIOS or to the guest, for a QEMU that was started elsewhere: there is no report of the
 * hand-over. SeaBIOS runs if its name is in the F segment. It drives a SCSI adapter before the guest does, once after
 * each reset of the machine, in a known sequence. These accesses are its own, until it gives the device up by another
 * reset, and so are those of its driver for boot loaders afterwards. All others are the guest's, and always those to
 * configuration space.
 */
export class ServedTurn implements Tap {
  private readonly machine: Machine;
  private readonly view: VirtioView;
  private readonly regions: ReadonlyMap<Region | null, Registers>;
  private readonly kept: KeptDevices;
  /** The device is in the state after a reset of the machine. */
  private fresh = false;
  /** How many accesses SeaBIOS's set-up of the device has made; null outside it. */
  private reached: number | null = null;
  private resets = 0;
  /** The present access is to the device's registers. */
  private within = false;
  private everStarted = false;

  constructor(machine: Machine) {
    this.machine = machine;
    this.view = machine.virtio.find(({ name }) => name === 'scsi0')!;
    this.kept = new KeptDevices(machine);
    const { bars } = this.view.fn;
    this.regions = new Map(
      bars.map(({ region, index }) => [region as Region, index === 0 ? HEADER : STRUCTURES]),
    );
    machine.journal.excuses = (subject) => this.isFirmware(subject);
    machine.observe(this);
  }

  begin(access: Access): void {
    this.kept.begin(access);
    const registers = this.regions.get(access.region);
    this.within = registers !== undefined;
    if (registers === undefined) this.looksAround(access);
    else if (this.fresh || this.reached !== null) this.setsUp(registers, access);
  }

  end(): void {
    this.kept.end();
    if (this.reached === null || (this.view.status & DRIVER_OK) === 0) return;
    this.over();
    this.kept.take();
  }

  /** It is no longer served. The checks of a SeaBIOS that started no guest do not count. */
  close(): void {
    if (this.reached !== null) this.over();
    this.machine.journal.excuses = null;
  }

  private isFirmware(subject: string | null): boolean {
    return (this.reached !== null && this.within) || (subject !== null && this.kept.owns(subject));
  }

  private looksAround(access: Access): void {
    const { view } = this;
    if (!isConfig(access) || view.status !== 0) return;
    if (view.fn.readConfig(COMMAND.offset, 2) === 0) this.fresh = true;
  }

  private setsUp(registers: Registers, access: Access): void {
    if (this.fresh) this.reached = this.isThere() ? 0 : null;
    if (this.fresh) this.resets = 0;
    this.fresh = false;
    if (this.reached === null) return;
    if (this.isItsOwn(registers, access, this.reached)) this.reached++;
    else this.over();
  }

  /** @param before the number of accesses so far. */
  private isItsOwn({ status, isr, more }: Registers, access: Access, before: number): boolean {
    const { write, offset, value } = access;
    const resets = write && offset === status && value === 0;
    if (resets) this.resets++;
    if (this.resets > 2) return false;
    // After the reset by which it gives the device up it reads the ISR.
    if (this.resets === 2) return resets || (!write && offset === isr);
    if (before === 0) return resets;
    if (before === 1) return !write && offset === isr;
    if (before < BEGINNING) return write && offset === status && value === (ACKNOWLEDGE | DRIVER);
    return offset === status || offset === isr || more.includes(offset);
  }

  private over(): void {
    this.reached = null;
    if (!this.everStarted) this.machine.journal.startOver();
    this.everStarted = true;
  }

  private isThere(): boolean {
    const rom = this.machine.chassis.board.memory.slice(ROM, ROM_BYTES);
    return rom !== null && Buffer.from(rom.buffer, rom.byteOffset, rom.length).includes(NAME);
  }
}
