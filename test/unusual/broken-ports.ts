import type { GuestPort } from '../../src/index.ts';
import { type BrokenCode, outs, SECOND, setUpPics } from './pc-ports.ts';
import { config, NIC, setConfig } from './pci-code.ts';
import { COM1, drain, setUpUart, write } from './uart-code.ts';

const [COMMAND_BAR, MSIX] = [0x14, 0x11];

/** The table of the card's messages, and where Message Control is. */
function msix(port: GuestPort, use: (table: number, control: number) => void): void {
  setConfig(port, NIC, 4, 7, 2);
  let at = config(port, NIC, 0x34, 1);
  while (config(port, NIC, at, 1) !== MSIX) at = config(port, NIC, at + 1, 1);
  use((config(port, NIC, COMMAND_BAR) & ~15) >>> 0, at + 2);
}

/** Each breaks one clause of serial ports, or of PCI. */
export const BROKEN_PORTS: readonly BrokenCode[] = [
  {
    name: 'leaves DLAB set, and sends',
    clause: 'uart/DLAB',
    run: (port) => {
      outs(port, [COM1 + 3, 0x83], [COM1, 1], [COM1 + 1, 0]);
      write(port, COM1, 'hello');
    },
  },
  {
    name: 'leaves break on',
    clause: 'uart/BREAK',
    run: (port) => {
      setUpUart(port, COM1, 1, 0x43);
      write(port, COM1, 'hello');
      drain(port, COM1);
    },
  },
  {
    name: 'sends by a divisor of 0',
    clause: 'uart/DIVISOR',
    run: (port) => {
      setUpUart(port, COM1, 0, 3);
      write(port, COM1, 'hello');
    },
  },
  {
    name: 'sends sixteen bytes without a FIFO',
    clause: 'uart/THR-FULL',
    run: (port) => {
      setUpUart(port, COM1, 1, 3);
      outs(port, [COM1 + 2, 0xc6]);
      drain(port, COM1);
      for (let i = 0; i < 16; i++) port.out(COM1, 65, 1);
      drain(port, COM1);
    },
  },
  {
    name: 'leaves the loop closed',
    clause: 'uart/LOOPBACK',
    run: (port) => {
      setUpUart(port, COM1, 1, 3);
      outs(port, [COM1 + 4, 0x1e]);
      write(port, COM1, 'hello');
      drain(port, COM1);
    },
  },
  {
    name: 'waits for a transmitter without OUT2',
    clause: 'uart/OUT2',
    run: (port) => {
      let n = 0;
      setUpPics(port);
      port.handle(0x24, () => {
        n++;
        port.in(COM1 + 2, 1);
        port.out(0x20, 0x20, 1);
      });
      setUpUart(port, COM1, 1, 3);
      outs(port, [COM1 + 4, 3], [COM1 + 1, 2], [0x21, 0xef]);
      port.unmask();
      port.wait(() => n > 0, SECOND);
    },
  },
  {
    name: 'never looks at THRE',
    clause: 'uart/THR-FULL',
    run: (port) => {
      setUpUart(port, COM1, 12, 3);
      for (let i = 0; i < 5; i++) port.out(COM1, 65, 1);
    },
  },
  {
    name: 'writes two bytes at once',
    clause: 'uart/WIDTH',
    run: (port) => {
      setUpUart(port, COM1, 1, 3);
      port.out(COM1, 0x4141, 2);
      drain(port, COM1);
    },
  },
  {
    name: 'sizes a base address while it decodes',
    clause: 'pci/BAR-DECODE',
    run: (port) => {
      const b = config(port, NIC, 0x10);
      setConfig(port, NIC, 4, 7, 2);
      setConfig(port, NIC, 0x10, 0xffffffff);
      config(port, NIC, 0x10);
      setConfig(port, NIC, 0x10, b);
    },
  },
  {
    name: 'leaves a base address as it sized it',
    clause: 'pci/BAR-RESTORE',
    run: (port) => {
      setConfig(port, NIC, 4, 0, 2);
      setConfig(port, NIC, 0x10, 0xffffffff);
      config(port, NIC, 0x10);
      setConfig(port, NIC, 4, 7, 2);
    },
  },
  {
    name: 'selects a register without bit 31',
    clause: 'pci/CONFADD-ENABLE',
    run: (port) => {
      port.out(0xcf8, NIC * 256, 4);
      port.in(0xcfc, 4);
    },
  },
  {
    name: 'selects a register by two words',
    clause: 'pci/CONFADD-WIDTH',
    run: (port) => {
      port.out(0xcf8, 0x2000, 2);
      port.out(0xcfa, 0x8000, 2);
      port.in(0xcfc, 4);
    },
  },
  {
    name: 'selects a register by its low word alone',
    clause: 'pci/CONFADD-WIDTH',
    run: (port) => {
      port.out(0xcf8, 0x1800, 2);
      port.in(0xcfc, 4);
    },
  },
  {
    name: 'reads data across the end of the window',
    clause: 'pci/CONFDATA-WIDTH',
    run: (port) => {
      config(port, NIC, 0);
      port.in(0xcfe, 4);
    },
  },
  {
    name: 'gives two functions one base address',
    clause: 'pci/BAR-OVERLAP',
    run: (port) => {
      setConfig(port, NIC, 4, 0, 2);
      setConfig(port, NIC, 0x10, config(port, 0x18, 0x10));
      setConfig(port, NIC, 4, 7, 2);
    },
  },
  {
    name: 'puts a base address into RAM',
    clause: 'pci/BAR-RAM',
    run: (port) => {
      setConfig(port, NIC, 4, 0, 2);
      setConfig(port, NIC, 0x14, 0x00100000);
      setConfig(port, NIC, 4, 7, 2);
    },
  },
  {
    name: 'puts a base address over the local APIC',
    clause: 'pci/BAR-OVERLAP',
    run: (port) => {
      setConfig(port, NIC, 4, 0, 2);
      setConfig(port, NIC, 0x14, 0xfee00000);
      setConfig(port, NIC, 4, 7, 2);
    },
  },
  {
    name: 'writes the MSI-X table by bytes',
    clause: 'pci/MSIX-ACCESS',
    run: (port) =>
      msix(port, (t, c) => {
        setConfig(port, NIC, c, 0x8000, 2);
        port.write(t, 0, 1);
        port.write(t, 0xfee00000, 4);
        port.write(t + 8, 0x41, 2);
        port.write(t + 12, 0, 4);
      }),
  },
  {
    name: 'changes an entry that is not masked',
    clause: 'pci/MSIX-MASKED',
    run: (port) =>
      msix(port, (t, c) => {
        setConfig(port, NIC, c, 0x8000, 2);
        port.write(t + 12, 0, 4);
        port.write(t, 0xfee00000, 4);
        port.write(t + 4, 0, 4);
        port.write(t + 8, 0x41, 4);
      }),
  },
  {
    name: 'writes the pending bits',
    clause: 'pci/MSIX-PBA',
    run: (port) =>
      msix(port, (t, c) => {
        setConfig(port, NIC, c, 0x8000, 2);
        const pba = config(port, NIC, c + 6);
        port.write(t + (pba & ~7), 1, 4);
      }),
  },
  {
    name: 'uses the MSI-X table while memory is not decoded',
    clause: 'pci/DECODE',
    run: (port) =>
      msix(port, (t, c) => {
        setConfig(port, NIC, 4, 5, 2);
        setConfig(port, NIC, c, 0x8000, 2);
        port.write(t, 0xfee00000, 4);
        port.write(t + 8, 0x41, 4);
        port.write(t + 12, 0, 4);
      }),
  },
];
