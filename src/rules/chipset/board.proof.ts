import { scripts } from '../script.proof.ts';
import { type POWER_MANAGEMENT, PowerWatch } from './acpi.ts';
import { I8042Watch, type KEYBOARD_CONTROLLER } from './i8042.ts';

const NONE = -1;
const [WRITE_COMMAND_BYTE, PASSED] = [0x60, 0x55];

export const KEYBOARD_CONTROLLER_PROOFS = scripts<I8042Watch, keyof typeof KEYBOARD_CONTROLLER>(
  (journal) => new I8042Watch('i8042', journal),
  {
    'i8042/BUSY': {
      breaks: (i8042) => {
        i8042.written(NONE);
        i8042.written(NONE);
      },
      keeps: (i8042) => {
        i8042.written(NONE);
        i8042.asked();
        i8042.written(NONE);
      },
    },
    'i8042/BYTE': {
      breaks: (i8042) => i8042.written(WRITE_COMMAND_BYTE),
      keeps: (i8042) => {
        i8042.written(NONE);
        i8042.begun(WRITE_COMMAND_BYTE);
        i8042.asked();
        i8042.written(NONE);
      },
    },
    'i8042/ANSWER': {
      breaks: (i8042) => i8042.answered(PASSED),
      keeps: (i8042) => i8042.answered(NONE),
    },
    'i8042/ACK': {
      breaks: (i8042) => i8042.sent(true),
      keeps: (i8042) => i8042.sent(false),
    },
    'i8042/EMPTY': {
      breaks: (i8042) => {
        for (let i = 0; i < 17; i++) i8042.taken(true);
      },
      keeps: (i8042) => {
        for (let i = 0; i < 16; i++) i8042.taken(true);
        i8042.taken(false);
      },
    },
  },
);

const [SOFT_OFF, OF_ANOTHER_BOARD] = [0, 7];
const HEARD = true;
const ON_QEMU = [0x604, 0x2000] as const;

export const POWER_MANAGEMENT_PROOFS = scripts<PowerWatch, keyof typeof POWER_MANAGEMENT>(
  (journal) => new PowerWatch('acpi0', [], journal),
  {
    'acpi/SMI-COMMAND': {
      breaks: (acpi) => acpi.commanded(0xa0, false),
      keeps: (acpi) => acpi.commanded(0xf1, true),
    },
    'acpi/STATUS-CLEAR': {
      breaks: (acpi) => {
        for (let i = 0; i < 3; i++) acpi.statusWritten(0, 0x100);
      },
      keeps: (acpi) => {
        for (let i = 0; i < 3; i++) acpi.statusWritten(0x200, 0x001);
      },
    },
    'acpi/SLEEP-TYPE': {
      breaks: (acpi) => acpi.slept(OF_ANOTHER_BOARD),
      keeps: (acpi) => acpi.slept(SOFT_OFF),
    },
    'acpi/TIMER-WIDTH': {
      breaks: (acpi) => acpi.timed(2),
      keeps: (acpi) => acpi.timed(4),
    },
    'acpi/SCI-EN': {
      breaks: (acpi) => acpi.raised(!HEARD),
      keeps: (acpi) => acpi.raised(HEARD),
    },
    'acpi/PLACE': {
      breaks: (acpi) => {
        acpi.missed(...ON_QEMU);
        acpi.ended();
      },
      keeps: (acpi) => {
        acpi.missed(...ON_QEMU);
        acpi.slept(SOFT_OFF);
      },
    },
  },
);
