import type { Width } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { RunPage } from './run-page.ts';

/** Performs a processor's accesses to ports and to memory that is not RAM. */
export class Bus {
  private readonly page: RunPage;
  private readonly port: GuestPort;

  constructor(page: RunPage, port: GuestPort) {
    this.page = page;
    this.port = port;
  }

  /** One access, or as many as `rep` makes. */
  io(): void {
    const { page, port } = this;
    const { ioPort, ioCount, ioWrite } = page;
    const width = page.ioSize as Width;
    let at = page.ioData;
    for (let i = 0; i < ioCount; i++, at += width)
      if (ioWrite) port.out(ioPort, this.get(at, width), width);
      else this.set(at, port.in(ioPort, width), width);
  }

  /** In pieces, low ones first, where it is wider than a doubleword, or no power of two. */
  mmio(): void {
    const { page, port } = this;
    const { address, mmioLength, mmioWrite, mmioData } = page;
    for (let done = 0; done < mmioLength; ) {
      const width = pieceOf(mmioLength - done);
      if (mmioWrite) port.write(address + done, this.get(mmioData + done, width), width);
      else this.set(mmioData + done, port.read(address + done, width), width);
      done += width;
    }
  }

  private get(at: number, width: Width): number {
    const { view } = this.page;
    if (width === 1) return view.getUint8(at);
    return width === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
  }

  private set(at: number, value: number, width: Width): void {
    const { view } = this.page;
    if (width === 1) view.setUint8(at, value);
    else if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
  }
}

/** KVM has at most eight bytes at a time, and an odd number of them if they cross a page. */
function pieceOf(length: number): Width {
  if (length % 4 === 0) return 4;
  return length === 2 ? 2 : 1;
}
