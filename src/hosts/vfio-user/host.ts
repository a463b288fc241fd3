import { closeSync, writeSync } from 'node:fs';
import { checkMethods, checkObject } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { Machine } from '../../machine/machine.ts';
import type { VirtioFunction } from '../../virtio/transport/function.ts';
import { DeviceServer } from './device-server.ts';
import { DmaRegions } from './dma-regions.ts';
import { HostClock } from './host-clock.ts';
import { IrqFiles } from './irq-files.ts';
import { type Libc, loadLibc } from './libc.ts';
import { MappedFiles } from './mapped-files.ts';
import { Regions } from './regions.ts';
import { withoutTable } from './seen-events.ts';
import { type ServedDevice, servedFunction } from './served-function.ts';
import { Session } from './session.ts';
import { Listener } from './socket.ts';
import { VectorTable } from './vector-table.ts';

/** What is served, and where. */
export interface VfioUserOptions {
  /** The path of the socket that the client is told of. Nothing may be there yet. */
  readonly socket: string;
  /** Of what kind the device is; the machine has one such. */
  readonly device: ServedDevice;
}

/** How it came to an end: the client closed its end, or `close` was called. */
export type VfioUserEnd = 'gone' | 'closed';

/** Of BAR1, behind which the MSI-X table lies. */
const MSIX_BAR = 1;
const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);
const EVENTFDS = { signal: (fd: number) => void writeSync(fd, ONE), close: closeSync };

/**
 * A virtio device of one of our machines, for a client that speaks vfio-user: QEMU from 10.1 on, which puts it before its
 * guest. The guest's RAM takes the place of the machine's; time is the host's; all rules watch the guest's driver. Of the
 * machine nothing else is reached.
 *
 * @example
 * const machine = gceN1({ firmware: false, nics: [{ backend: 'loopback' }] });
 * const host = await VfioUserHost.listen(machine, { device: 'net', socket: '/tmp/net.sock' });
 * // qemu-system-x86_64 … -device '{"driver":"vfio-user-pci","socket":{"type":"unix","path":"/tmp/net.sock"}}'
 * await host.ended;                     // the guest is off, or the device was unplugged
 * machine.findings;                     // what its driver did wrong
 */
export class VfioUserHost {
  readonly machine: Machine;
  /**
   * Settles when it is over. It rejects with what the user's own code threw, a backend or a medium, and with MisuseError for
   * a client that speaks another protocol.
   */
  readonly ended: Promise<VfioUserEnd>;
  private readonly time: HostClock;
  private readonly dma: DmaRegions;
  private readonly irqs: IrqFiles;
  private readonly listener: Listener;
  private session: Session | null = null;
  private settle: ((end: VfioUserEnd, error?: unknown) => void) | null = null;

  /**
   * Waits for a client at a socket, which is there when this returns.
   *
   * @throws MisuseError if koffi is not installed or the system is no 64-bit Linux, for a device that the machine has not, for
   *   a machine with firmware, and for a path that something else has.
   */
  static async listen(machine: Machine, options: VfioUserOptions): Promise<VfioUserHost> {
    checkMethods('machine', machine, ['attach', 'observe', 'reset', 'close'], 'a machine (example gceN1())');
    checkObject('options', options);
    const fn = servedFunction(machine, options.device);
    if (machine.chassis.tables.length > 0)
      throw new MisuseError(
        'machine',
        machine.profile.name,
        '',
        'needs firmware: false: the client brings its own',
      );
    return new VfioUserHost(machine, fn, options.socket, await loadLibc());
  }

  private constructor(machine: Machine, fn: VirtioFunction, socket: string, libc: Libc) {
    const { port, board } = machine.chassis;
    this.machine = machine;
    this.ended = new Promise((resolve, reject) => {
      this.settle = (end, error) => (error === undefined ? resolve(end) : reject(error));
    });
    this.listener = new Listener(libc, socket, (fd) => {
      this.session = new Session(libc, fd, server, {
        begins: () => this.begins(),
        done: () => this.time.wake(),
        ended: (error) => this.end('gone', error),
      });
    });
    // A kernel polls and idles by right, and its stores pass nobody.
    port.idles();
    port.memory.direct();
    this.dma = new DmaRegions(board.memory, new MappedFiles(libc));
    this.irqs = this.takeInterrupts(fn);
    this.time = new HostClock(board.clock, (error) => this.end('gone', error));
    const server = new DeviceServer({
      regions: new Regions(port, fn),
      irqs: this.irqs,
      dma: this.dma,
      reset: () => {
        machine.reset('hard');
        this.irqs.announce();
      },
    });
  }

  /** Goes away from the client. The machine stays, and is yours to close. */
  close(): void {
    this.end('closed');
  }

  /** The same at the end of a block: `using host = …`. */
  [Symbol.dispose](): void {
    this.close();
  }

  private takeInterrupts(fn: VirtioFunction): IrqFiles {
    const { bus, interrupts } = this.machine.chassis;
    if (fn.events !== null) fn.events = withoutTable(fn.events);
    const { region } = fn.bars.find(({ index }) => index === MSIX_BAR) ?? { region: null };
    const vectors = region === null ? { assigned: () => {} } : new VectorTable(region);
    const irqs = new IrqFiles(fn.vectors, EVENTFDS, vectors);
    bus.lineOf(fn)!.onChange = (level) => irqs.setIntx(level);
    interrupts.handTo({ setInput: () => {}, message: (_address, data) => irqs.message(data) });
    return irqs;
  }

  private begins(): void {
    this.time.catchUp();
    this.machine.chassis.port.memory.goesOn();
  }

  private end(end: VfioUserEnd, error?: unknown): void {
    const { settle } = this;
    if (settle === null) return;
    this.settle = null;
    this.time.stop();
    this.listener.close();
    this.session?.close();
    this.irqs.close();
    this.dma.close();
    settle(end, error);
  }
}
