import {
  DriverError,
  ScsiError,
  UartDriver,
  virtioBalloon,
  virtioNet,
  virtioScsi,
} from '../../src/guest/index.ts';
import { gceN1, type Machine, type MachineOptions, MisuseError } from '../../src/index.ts';
import type { VirtioHand } from '../../src/machine/virtio-view.ts';
import type { VirtioScsi } from '../../src/virtio/scsi/device.ts';
import { FRAME } from '../nics.ts';
import { listenTo, type Tell, tellingBackend, tellingMedium } from './hooks.ts';
import { Once } from './once.ts';

const MIB = 1 << 20;
const COM1 = 0x3f8;
const [PMEN, PMCNTRL, GLBCTL] = [0xb002, 0xb004, 0xb028];
const MILLISECOND = 1_000_000;
/** How often one hook performs an act: possibly once more because of its effects. */
const TIMES = 2;

/** The ways in which a machine answers. */
export const WAYS: Readonly<Record<string, MachineOptions>> = {
  legacy: {},
  'legacy, strict': { strictness: 'strict' },
  modern: { virtio: 'modern' },
  'modern, strict, packed': {
    virtio: 'modern',
    strictness: 'strict',
    ringFeatures: ['RING_PACKED', 'EVENT_IDX'],
  },
  'legacy, late': { scsi: { latency: 50_000 }, completion: { latency: [1000, 90_000], order: 'random' } },
  'modern, late': { virtio: 'modern', completion: { notice: 5000, batch: { chains: 4, within: 20_000 } } },
};

/** A machine, with listeners and users of all of its parts. */
export class Scene {
  readonly machine: Machine;
  /** Errors that were found. */
  readonly wrong: string[] = [];
  /** The user's code that was called. */
  readonly heard = new Set<string>();
  private readonly onces: Once[] = [];
  private by: Tell = () => {};

  constructor(options: MachineOptions) {
    const tell: Tell = (hook) => {
      this.heard.add(hook);
      this.by(hook);
    };
    this.machine = gceN1({
      balloon: true,
      disks: [
        { medium: tellingMedium(MIB, tell), target: 1 },
        { bytes: MIB, target: 2 },
      ],
      nics: [
        { backend: tellingBackend(tell), queues: 1, ringSize: 64 },
        { queues: 1, ringSize: 64 },
      ],
      memory: { below4G: 16 * MIB },
      firmware: { used: false },
      ...options,
      scsi: { ringSize: 64, ...options.scsi },
    });
    listenTo(this.machine, tell);
    for (const one of this.machine.virtio) this.hold(one as VirtioHand);
  }

  /** Has `act` done by each of `hooks`, on a machine in use before and after. @returns the errors. */
  play(hooks: readonly string[], act: (machine: Machine) => void): string[] {
    const left = new Map(hooks.map((hook) => [hook, TIMES]));
    this.by = (hook) => {
      const more = left.get(hook) ?? 0;
      if (more === 0) return;
      left.set(hook, more - 1);
      act(this.machine);
    };
    this.attempt('a day', () => this.day());
    this.by = () => {};
    this.afterwards();
    for (const once of this.onces) this.wrong.push(...once.wrong);
    return this.wrong;
  }

  /** A repetition of all must succeed, unless the machine is closed. */
  private afterwards(): void {
    const { machine } = this;
    if (this.isClosed) return;
    this.consistent();
    machine.reset('power');
    machine.serial[0]!.uart.modem({ CTS: true });
    for (const disk of machine.disks) machine.removeDisk(disk);
    machine.addDisk({ bytes: MIB, target: 3 });
    try {
      const scsi = machine.attach(virtioScsi({ interrupts: 'msix' }));
      scsi.testUnitReady(3);
      scsi.write(3, 8, new Uint8Array(512).fill(7));
      if (scsi.read(3, 8, 1)[0] !== 7) this.wrong.push('afterwards a disk reads what was not written');
      machine.removeNic(machine.addNic());
      this.consistent();
    } catch (error) {
      this.wrong.push(`afterwards: ${error}`);
    }
  }

  private get isClosed(): boolean {
    try {
      this.machine.port.in(COM1 + 7, 1);
      return false;
    } catch {
      return true;
    }
  }

  /** The lists of the machine agree with its parts. */
  private consistent(): void {
    const { machine } = this;
    const { device } = (machine.virtio.find(({ name }) => name === 'scsi0') as VirtioHand).fn;
    const units = [...(device as VirtioScsi).targets.values()].flatMap(({ id, units: all }) =>
      [...all.keys()].map((lun) => `${id}.${lun}`),
    );
    const shown = machine.disks.map(({ target, lun }) => `${target}.${lun}`);
    if (`${units.sort()}` !== `${shown.sort()}`) this.wrong.push(`disks ${shown} are ${units}`);
    const nics = machine.functions.filter(({ name }) => name.startsWith('net')).map(({ name }) => name);
    const cards = machine.nics.map(({ name }) => name);
    if (`${nics.sort()}` !== `${cards.sort()}`) this.wrong.push(`NICs ${cards} are ${nics}`);
  }

  /** Uses every part. A driver may report a loss of its device. */
  private day(): void {
    const { machine } = this;
    const { port } = machine;
    this.attempt('uart', () => {
      const uart = new UartDriver(port, COM1);
      uart.open();
      uart.write(Uint8Array.of(0x61, 0x62, 0x63));
      port.wait(() => false, 2 * MILLISECOND);
      port.out(COM1 + 3, 0x43, 1);
      port.out(COM1 + 3, 0x03, 1);
    });
    this.attempt('scsi', () => this.useDisk());
    this.attempt('net', () => this.useNic());
    this.attempt('balloon', () => {
      const balloon = machine.attach(virtioBalloon({ interrupts: 'msix' }));
      machine.balloon!.target = 3;
      balloon.follow();
    });
    this.attempt('resize', () => machine.disks[0] && machine.resizeDisk(machine.disks[0], MIB));
    this.attempt('finding', () => {
      for (let i = 0; i < 20; i++) port.out(COM1, 0x64, 1);
    });
    this.attempt('power', () => this.sleepAndReset());
    this.attempt('pull', () => machine.disks[0] && machine.removeDisk(machine.disks[0]));
  }

  private useDisk(): void {
    const { machine } = this;
    const scsi = machine.attach(virtioScsi({ interrupts: 'msix' }));
    const steps = [
      () => scsi.testUnitReady(1),
      () => scsi.write(1, 0, new Uint8Array(4096).fill(1)),
      () => scsi.read(1, 0, 8),
      () => scsi.flush(1),
      () => scsi.unmap(1, [{ lba: 0, blocks: 8 }]),
      () => scsi.testUnitReady(2),
      () => scsi.read(2, 0, 8),
      () => scsi.read(1, 0, 64),
    ];
    for (const step of steps) this.attempt('scsi', step);
  }

  private useNic(): void {
    const { machine } = this;
    const nic = machine.attach(virtioNet({ interrupts: 'msix' }));
    const steps = [
      () => nic.send(FRAME),
      () => nic.receiveWithin(MILLISECOND),
      () => machine.nics[0]?.receive(FRAME, FRAME, FRAME),
      () => machine.nics[1]?.receive(FRAME),
      () => nic.receiveWithin(MILLISECOND),
      () => nic.send(FRAME),
      () => nic.receiveWithin(MILLISECOND),
    ];
    for (const step of steps) this.attempt('net', step);
  }

  private sleepAndReset(): void {
    const { machine } = this;
    const { port } = machine;
    port.out(PMEN, 0x200, 2);
    port.out(PMCNTRL, 0x2401, 2);
    machine.pressPowerButton();
    machine.pressSleepButton();
    port.out(0xcf8, 0x8000_0b58, 4);
    port.out(0xcff, 0x02, 1);
    port.out(GLBCTL, 0x01, 1);
    port.out(0xb2, 0x42, 1);
    port.out(0xcf9, 0x06, 1);
  }

  private attempt(what: string, step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!isExpected(error)) this.wrong.push(`${what}: ${error instanceof Error ? error.stack : error}`);
    }
  }

  private hold(hand: VirtioHand): void {
    if (hand.name === 'net0') return;
    const once = new Once(hand.name);
    this.onces.push(once);
    hand.fn.device.watch(once);
  }
}

/** A driver's error after its device, or machine, is gone. */
function isExpected(error: unknown): boolean {
  if (error instanceof DriverError || error instanceof ScsiError) return true;
  return (
    error instanceof MisuseError &&
    /the machine is closed|no PCI function of this machine/.test(error.message)
  );
}
