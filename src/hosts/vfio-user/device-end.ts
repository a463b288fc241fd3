import { closeSync, writeSync } from 'node:fs';
import type { GuestPort } from '../../core/guest-port.ts';
import { Line } from '../../core/line.ts';
import type { VirtioFunction } from '../../virtio/transport/function.ts';
import { DeviceServer } from './device-server.ts';
import { DmaRegions } from './dma-regions.ts';
import { IrqFiles } from './irq-files.ts';
import type { Libc } from './libc.ts';
import { MappedFiles } from './mapped-files.ts';
import { Regions } from './regions.ts';
import { withoutTable } from './seen-events.ts';
import { Session, type SessionHost } from './session.ts';
import type { SharedRam } from './shared-ram.ts';
import { Listener } from './socket.ts';
import { VectorTable } from './vector-table.ts';

/** Of BAR1, behind which the MSI-X table lies. */
const MSIX_BAR = 1;
const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);
const EVENTFDS = { signal: (fd: number) => void writeSync(fd, ONE), close: closeSync };

/** What the devices of a machine have in common. */
interface Common {
  readonly libc: Libc;
  readonly port: GuestPort;
  readonly ram: SharedRam;
}

/** One function's end of the wire: the socket, then its one client. */
export class DeviceEnd {
  readonly bdf: number;
  private readonly irqs: IrqFiles;
  private readonly listener: Listener;
  private dma: DmaRegions | null = null;
  private session: Session | null = null;
  private readonly fn: VirtioFunction;

  constructor(fn: VirtioFunction, socket: string, { libc, port, ram }: Common, host: SessionHost) {
    this.fn = fn;
    this.bdf = fn.bdf;
    this.listener = new Listener(libc, socket, (fd) => {
      const dma = new DmaRegions(ram, new MappedFiles(libc));
      const regions = new Regions(port, fn);
      const server = new DeviceServer({ regions, irqs: this.irqs, dma, reset: () => this.reset() });
      this.dma = dma;
      this.session = new Session(libc, fd, server, host);
    });
    this.irqs = this.takeInterrupts();
  }

  message(vector: number): void {
    this.irqs.message(vector);
  }

  close(): void {
    this.listener.close();
    this.session?.close();
    this.session = null;
    this.irqs.close();
    this.dma?.close();
    this.dma = null;
  }

  private reset(): void {
    this.fn.reset('hard');
    this.irqs.announce();
  }

  /** Its pin gets a line of its own: who shares it, the client decides. */
  private takeInterrupts(): IrqFiles {
    const { fn } = this;
    if (fn.events !== null) fn.events = withoutTable(fn.events);
    const table = fn.bars.find(({ index }) => index === MSIX_BAR);
    const vectors = table === undefined ? { assigned: () => {} } : new VectorTable(table.region, fn.bdf);
    const irqs = new IrqFiles(fn.vectors, EVENTFDS, vectors);
    const line = new Line(`${fn.name} INTA`);
    line.onChange = (level) => irqs.setIntx(level);
    fn.plugged(fn.bus!, fn.bdf, line.source(fn.name));
    return irqs;
  }
}
