import { EOI, INITIAL_COUNT, LVT, SVR, TPR } from '../../chipset/registers/local-apic.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { MMIO } from '../../core/places.ts';
import type { Message } from '../pci/msix.ts';

const { LOCAL_APIC } = MMIO;

/** Not FFh, which it is after a reset; the low four bits are ones, as the first local APICs had it. */
const SPURIOUS_VECTOR = 0xef;

/** The local APIC of the boot CPU, with ID 0, which receives messages from devices and from the I/O APIC. */
export class LocalApicDriver {
  constructor(port: GuestPort) {
    port.write(LOCAL_APIC + TPR.offset, 0, 4);
    port.write(LOCAL_APIC + SVR.offset, SVR.encode({ VECTOR: SPURIOUS_VECTOR, ENABLE: 1 }), 4);
  }

  /** Ends the interrupt in service. */
  end(port: GuestPort): void {
    port.write(LOCAL_APIC + EOI.offset, 0, 4);
  }

  /** Makes the timer raise `vector` once, `count` ticks of its clock from now. */
  startTimer(port: GuestPort, vector: number, count: number): void {
    port.write(LOCAL_APIC + LVT.offset, LVT.encode({ VECTOR: vector }), 4);
    port.write(LOCAL_APIC + INITIAL_COUNT.offset, count, 4);
  }

  /** Whether it still has its setup. After a reset of the machine it does not. */
  intact(port: GuestPort): boolean {
    return SVR.decode(port.read(LOCAL_APIC + SVR.offset, 4)).VECTOR === SPURIOUS_VECTOR;
  }

  /** The message that raises `vector` on this CPU: fixed delivery, edge, physical destination 0. */
  message(vector: number): Message {
    return { address: LOCAL_APIC, data: vector };
  }
}
