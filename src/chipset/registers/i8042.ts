import { register } from '../../core/register.ts';

/** Port 60: a byte from or to the keyboard, the mouse, or the controller. */
export const DATA = register('DATA', 0, 1, { DATA: { at: [7, 0] } });
/** Port 64, written. */
export const CONTROLLER_COMMAND = register('COMMAND', 0, 1, { COMMAND: { at: [7, 0], access: 'wo' } });
/** Port 64, read. */
export const STATUS = register(
  'STATUS',
  0,
  1,
  {
    OBF: { at: 0, doc: 'port 60 has a byte' },
    IBF: { at: 1, doc: 'the controller has not taken what was written: never here' },
    SYS: { at: 2, doc: 'the self test passed' },
    A2: { at: 3, doc: 'port 64 was written last' },
    UNLOCKED: { at: 4, doc: '0: the keyboard is locked, which guests only tell of' },
    AUXB: { at: 5, doc: "the byte is the mouse's" },
    TIMEOUT: { at: 6 },
    PARITY: { at: 7 },
  },
  { access: 'ro' },
);
/** Byte 0 of the controller's RAM, by commands 20 and 60. */
export const COMMAND_BYTE = register('COMMAND_BYTE', 0, 1, {
  INT: { at: 0, doc: 'IRQ 1' },
  INT2: { at: 1, doc: 'IRQ 12' },
  SYS: { at: 2, doc: 'shown in STATUS' },
  EN: { at: 4, doc: 'the keyboard is off' },
  EN2: { at: 5, doc: 'the mouse is off' },
  XLATE: { at: 6, doc: 'scan codes are translated to set 1' },
});
/** By commands D0 and D1. */
export const OUTPUT_PORT = register(
  'OUTPUT_PORT',
  0,
  1,
  {
    RESET: { at: 0, doc: '0 resets the CPU' },
    A20: { at: 1, doc: 'kept; no address is masked' },
    AUX_LINES: { at: [3, 2], doc: "the mouse's wires" },
    IRQ1: { at: 4, access: 'ro' },
    IRQ12: { at: 5, access: 'ro' },
    LINES: { at: [7, 6], doc: "the keyboard's wires" },
  },
  { reset: 0xcf },
);
