import { closeSync, writeSync } from 'node:fs';
import { checkMethods, checkObject } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { Machine } from '../../machine/machine.ts';
import { HostClock } from '../system/host-clock.ts';
import { type Libc, loadLibc } from '../system/libc.ts';
import { SharedRam } from './commands/dma-regions.ts';
import { type Carrier, DmaWrites } from './commands/dma-writes.ts';
import { FunctionServer } from './function-server.ts';
import { type ServedDevice, servedFunction, withoutBridges } from './served-function.ts';
import { MappedFiles } from './system/mapped-files.ts';
import { peerRunsOnKvm } from './system/peer.ts';
import { Session, type SessionHost } from './system/session.ts';
import { Listener } from './system/socket.ts';
import { senderOf } from './vector-table.ts';

interface EndHost extends SessionHost {
  /** The client has connected. `onKvm` if its guest's code is executed by a processor, and not translated. */
  accepted(onKvm: boolean): void;
}

/** One function's end of the connection: the socket, then its one client. */
class DeviceEnd implements Carrier {
  readonly served: FunctionServer;
  private readonly listener: Listener;
  private session: Session | null = null;

  constructor(served: FunctionServer, socket: string, libc: Libc, host: EndHost) {
    this.served = served;
    this.listener = new Listener(libc, socket, (fd) => {
      host.accepted(peerRunsOnKvm(libc, fd));
      this.session = new Session(libc, fd, served, host);
    });
  }

  get writes(): boolean {
    return this.served.writes;
  }

  get transferMax(): number {
    return this.served.transferMax;
  }

  send(messages: Uint8Array, length: number): void {
    this.session?.send(messages, length);
  }

  close(): void {
    this.listener.close();
    this.session?.close();
    this.session = null;
    this.served.close();
  }
}

const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);
const EVENTFDS = { signal: (fd: number) => void writeSync(fd, ONE), close: closeSync };

/** How it ended: the client closed its last connection, or `close` was called. */
export type VfioUserEnd = 'gone' | 'closed';

/**
 * Virtio devices of one of our machines, for a client that speaks vfio-user: QEMU from 10.1 on, which shows them to its
 * guest. The guest's RAM replaces the machine's; time is the host's; all rules watch the guest's drivers. No other part
 * of the machine can be accessed.
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
   * Settles when it is over. It rejects with errors of the user's own code, a backend or a medium, and with MisuseError
   * for a client that speaks another protocol.
   */
  readonly ended: Promise<VfioUserEnd>;
  private readonly time: HostClock;
  private readonly writes: DmaWrites;
  private files: MappedFiles | null = null;
  private ends: readonly DeviceEnd[] = [];
  private settle: ((end: VfioUserEnd, error?: unknown) => void) | null = null;

  /**
   * Opens a socket for each device and waits for clients; the sockets exist when this returns.
   *
   * @throws MisuseError if koffi is not installed or the system is not 64-bit Linux, for a device that the machine does
   * not have, for a machine with firmware, and for a path that is in use.
   */
  static async listen(machine: Machine, ...devices: readonly ServedDevice[]): Promise<VfioUserHost> {
    checkMethods('machine', machine, ['attach', 'observe', 'reset', 'close'], 'a machine (example gceN1())');
    for (const device of devices) checkObject('device', device);
    if (machine.chassis.tables.length > 0)
      throw new MisuseError(
        'machine',
        machine.profile.name,
        '',
        'needs firmware: false: the client brings its own',
      );
    const libc = await loadLibc();
    const host = new VfioUserHost(machine);
    try {
      host.serve(devices, libc);
    } catch (error) {
      host.close();
      throw error;
    }
    return host;
  }

  private constructor(machine: Machine) {
    this.machine = machine;
    this.ended = new Promise((resolve, reject) => {
      this.settle = (end, error) => (error === undefined ? resolve(end) : reject(error));
    });
    this.writes = new DmaWrites(machine.chassis.board.memory);
    const failed = (error: unknown) => this.end('gone', error);
    this.time = new HostClock(machine.chassis.board.clock, failed, () => this.check());
  }

  /** Disconnects its clients. The machine stays, for you to close. */
  close(): void {
    this.end('closed');
  }

  /** The same at the end of a block: `using host = …`. */
  [Symbol.dispose](): void {
    this.close();
  }

  private serve(devices: readonly ServedDevice[], libc: Libc): void {
    const { port, board, interrupts } = this.machine.chassis;
    withoutBridges(this.machine);
    const functions = devices.map(({ device }) => servedFunction(this.machine, device));
    // A kernel may poll and idle, and its stores are not seen.
    port.idles();
    port.memory.direct();
    interrupts.handTo({ setInput: () => {}, message: (_address, data) => this.message(data) });
    const ram = new SharedRam(board.memory);
    const mapper = new MappedFiles(libc);
    this.files = mapper;
    const common = { port, ram, mapper, eventfds: EVENTFDS };
    for (const [i, fn] of functions.entries()) {
      const served = new FunctionServer(fn, common);
      const end: DeviceEnd = new DeviceEnd(served, devices[i]!.socket, libc, {
        accepted: (onKvm) => this.accepted(end, onKvm),
        begins: () => this.begins(),
        answered: (id) => this.writes.answered(end, id),
        done: () => this.time.wake(),
        ended: (error) => this.left(end, error),
      });
      this.ends = [...this.ends, end];
    }
    this.time.wake();
  }

  private message(data: number): void {
    const { bdf, vector } = senderOf(data);
    this.ends.find(({ served }) => served.bdf === bdf)?.served.message(vector);
  }

  /** KVM's processors see a store in memory, as hardware's do. */
  private accepted(end: DeviceEnd, onKvm: boolean): void {
    if (onKvm) return;
    const { memory } = this.machine.chassis.board;
    memory.dirty = this.writes.wrote;
    memory.delay = this.writes;
    this.writes.join(end);
  }

  private begins(): void {
    this.check();
    this.time.catchUp();
    this.machine.chassis.port.memory.behind?.goesOn();
  }

  /** @throws MisuseError for a client that truncated its memory, or answers no more. */
  private check(): void {
    this.files?.check();
    this.writes.check();
  }

  private left(end: DeviceEnd, error?: unknown): void {
    if (error !== undefined) {
      this.end('gone', error);
      return;
    }
    end.close();
    this.writes.leave(end);
    this.ends = this.ends.filter((one) => one !== end);
    if (this.ends.length === 0) this.end('gone');
  }

  private end(how: VfioUserEnd, error?: unknown): void {
    const { settle } = this;
    if (settle === null) return;
    this.settle = null;
    this.time.stop();
    for (const end of this.ends) end.close();
    settle(how, error);
  }
}
