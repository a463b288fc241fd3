import type { Machine } from '../../src/index.ts';
import { FRAME } from '../nics.ts';

/** Changes a machine. */
export type Act = (machine: Machine) => void;

const EXTRA = 7;

/** By part and method, or property. A part that is gone is skipped. */
export const ACTS: Readonly<Record<string, Act>> = {
  'machine.reset': (machine) => machine.reset('hard'),
  'machine.powerCut': (machine) => machine.powerCut(),
  'machine.glitch': (machine) => machine.glitch(7),
  'machine.pressPowerButton': (machine) => machine.pressPowerButton(),
  'machine.pressSleepButton': (machine) => machine.pressSleepButton(),
  'machine.close': (machine) => machine.close(),
  'machine.observe': (machine) => machine.observe({ begin: () => {}, end: () => {} }),
  'machine.addDisk': (machine) => {
    if (machine.disks.every(({ target }) => target !== EXTRA)) machine.addDisk({ bytes: 512, target: EXTRA });
  },
  'machine.removeDisk': (machine) => machine.disks[0] && machine.removeDisk(machine.disks[0]),
  'machine.resizeDisk': (machine) => machine.disks[0] && machine.resizeDisk(machine.disks[0], 2 << 20),
  'machine.refuseCommands': (machine) => machine.disks[0] && machine.refuseCommands(machine.disks[0], 'busy'),
  'machine.addNic': (machine) => machine.nics.length < 4 && machine.addNic(),
  'machine.removeNic': (machine) => machine.nics[0] && machine.removeNic(machine.nics[0]),
  'machine.removeNvme': (machine) => machine.nvme[0] && machine.removeNvme(machine.nvme[0]),
  'nic.receive': (machine) => machine.nics[0]?.receive(FRAME, FRAME),
  'nic.setLink': (machine) => machine.nics[0]?.setLink(false),
  'nic.announce': (machine) => machine.nics[0]?.announce(),
  'nic.setSpeed': (machine) => machine.nics[0]?.setSpeed(1000),
  'nic.askForReset': (machine) => machine.nics[0]?.askForReset(),
  'nic.watch': (machine) => machine.nics[0]?.watch(QUIET),
  'serial.type': (machine) => machine.serial[0]!.type('ls\n'),
  'uart.inject': (machine) => machine.serial[0]!.uart.inject(0x55, { framing: true }),
  'uart.modem': (machine) => machine.serial[0]!.uart.modem({ CTS: false }),
  'virtio.offer': (machine) => {
    for (const one of machine.virtio) one.offer({ without: [] });
  },
  'virtio.breakDown': (machine) => {
    for (const one of machine.virtio) one.breakDown();
  },
  'balloon.target': (machine) => {
    machine.balloon!.target = machine.balloon!.target + 1;
  },
  'balloon.askStats': (machine) => machine.balloon!.askStats(),
};

/** Members that change no machine: they read state, or add listeners. `attach` runs a driver, which needs answers. */
export const NO_ACTS: readonly string[] = [
  'machine.attach',
  'machine.idOf',
  'nic.onFrame',
  'serial.endpoint',
  'serial.listen',
  'serial.dialogue',
  'virtio.onConfigRead',
];

const nothing = () => {};
const QUIET = {
  placed: nothing,
  taken: nothing,
  putBack: nothing,
  used: nothing,
  published: nothing,
  dry: nothing,
  fault: nothing,
  forgotten: nothing,
};
