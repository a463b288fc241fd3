/** Both 8259s as Linux sets them up, masks open. */
const LINUX_PIC = '21=ff 20=11 21=30 21=04 21=01 a0=11 a1=38 a1=02 a1=01 21=00 a1=00';
/** The keyboard controller drives IRQ 1 and 12 at will: a byte as if from the keyboard or mouse, until it is read. */
const RAISE_1 = '64=60 60=01 64=d2 60=5a';
const RAISE_12 = '64=60 60=02 64=d3 60=5a';
const LOWER = '60?';
/** IRR without IRQ 0: QEMU's timer raises it in real time, 55 ms after power-on. */
const MASTER_IRR = '20=0a 20?&fe';
/** An entry of the IOAPIC: its low word is at this index. */
const ENTRY_12 = '[fec00000]=28';

/** A question: its subject, and the script. With `why`, QEMU answers otherwise, for that reason. */
export interface Question {
  readonly about: string;
  readonly script: string;
  readonly why?: string;
}

export const PIC: readonly Question[] = [
  { about: 'the probe of Linux', script: 'a1=ff 21=fb 21? 21=ff 21? a1?' },
  { about: 'the set-up of Linux', script: `${LINUX_PIC} 21? a1? ${MASTER_IRR} a0? 20=0b a0=0b 20? a0?` },
  {
    about: 'the set-up of SeaBIOS',
    script: '20=11 a0=11 21=08 a1=70 21=04 a1=02 21=01 a1=01 21=fb a1=ff 21? a1?',
  },
  {
    about: 'the set-up of FreeBSD, lowest priority IR2 with it',
    script: `20=11 21=20 21=04 21=01 21=ff 20=c2 a0=11 a1=28 a1=02 a1=01 a1=ff a0=0a ${MASTER_IRR} a0? 21? a1?`,
  },
  {
    about: 'an edge, polled, in service, ended as Linux does',
    script: `${LINUX_PIC} 21=fd a1=ff ${RAISE_1} ${MASTER_IRR} 20=0c 20? 20=0b 20? 20=61 20? ${LOWER}`,
  },
  {
    about: 'an edge while masked',
    script: `${LINUX_PIC} 21=ff a1=ff ${RAISE_1} ${MASTER_IRR} 20=0c 20? 21=fd 20=0c 20? 20=20 ${LOWER} ${MASTER_IRR}`,
  },
  {
    about: 'an edge that falls before it is taken',
    script: `${LINUX_PIC} 21=fd a1=ff ${RAISE_1} ${LOWER} ${MASTER_IRR}`,
    why: 'QEMU keeps the request; on the chip the line must stay up until INTA',
  },
  {
    about: 'the slave through the cascade',
    script: `${LINUX_PIC} 21=fb a1=ef ${RAISE_12} a0=0a a0? 20=0c 20? a0=0c a0? 20=0b a0=0b 20? a0? a0=64 20=62 20? a0? ${LOWER}`,
  },
  {
    about: 'a level that stays up after EOI',
    script: `4d1=10 ${LINUX_PIC} 21=fb a1=ef ${RAISE_12} a0=0c a0? a0=20 a0=0a a0? a0=0c a0? a0=20 ${LOWER} a0=0a a0? 4d1=00`,
  },
  { about: 'ICW1 clears the mask', script: '21=ff 20=11 21? 21=30 21=04 21=01 21?' },
  {
    about: 'rotation by EOI',
    script: `${LINUX_PIC} 21=fd a1=ff ${RAISE_1} 20=0c 20? 20=a0 20=0b 20? ${LOWER} ${RAISE_1} 20=0c 20? 20=20 ${LOWER}`,
  },
  { about: 'edge and level control', script: '4d0=ff 4d1=ff 4d0? 4d1? 4d0=00 4d1=00 4d0? 4d1?' },
];

export const IOAPIC: readonly Question[] = [
  {
    about: 'what Linux reads first',
    script: '[fec00000]=0 [fec00010]? [fec00000]=1 [fec00010]? [fec00000]=2 [fec00010]?',
  },
  {
    about: 'ID and arbitration ID',
    script: '[fec00000]=0 [fec00010]=ffffffff [fec00010]? [fec00000]=2 [fec00010]? [fec00000]=0 [fec00010]=0',
  },
  { about: 'the index has eight bits', script: '[fec00000]=123 [fec00000]?' },
  {
    about: 'entries at reset',
    script: '[fec00000]=10 [fec00010]? [fec00000]=11 [fec00010]? [fec00000]=3e [fec00010]?',
  },
  {
    about: 'read-only bits of an entry',
    script: `${ENTRY_12} [fec00010]=00017fff [fec00010]? [fec00010]=00010000 [fec00010]?`,
  },
  {
    about: 'reserved bits of an entry',
    script: `${ENTRY_12} [fec00010]=ffff0000 [fec00010]? [fec00010]=00010000`,
    why: 'QEMU keeps them; the 82093AA reads them as 0',
  },
  {
    about: 'a level: remote IRR at once when unmasked, kept by a mask, dropped by a change to edge',
    script: `${ENTRY_12} [fec00010]=00018051 ${RAISE_12} [fec00010]? [fec00010]=00008051 [fec00010]? [fec00010]=00018051 [fec00010]? [fec00010]=00010051 [fec00010]? ${LOWER} [fec00010]=00010000`,
  },
  {
    about: 'a level that comes and goes while masked',
    script: `${ENTRY_12} [fec00010]=00018051 ${RAISE_12} ${LOWER} [fec00010]=00008051 [fec00010]? [fec00010]=00010000`,
  },
  {
    about: 'polarity',
    script: `${ENTRY_12} [fec00010]=0000a051 [fec00010]? ${RAISE_12} [fec00010]? ${LOWER} [fec00010]=00010000`,
  },
];

export const PIT: readonly Question[] = [
  ...[0, 1, 2, 3, 4, 5].map((mode) => ({
    about: `the control word of mode ${mode}, in its status`,
    script: `61=00 43=${(0xb0 + 2 * mode).toString(16)} 43=e8 42?&3f`,
  })),
  {
    about: 'NULL COUNT and OUT before the first count',
    script: '61=00 43=b2 43=e8 42?&c0',
    why: 'the sheet has both set in mode 1; QEMU has no NULL COUNT then, and no OUT',
  },
  { about: 'one byte, low or high', script: '43=90 42=07 43=e8 42?&3f 43=a0 42=07 43=e8 42?&3f' },
  { about: 'the control word cannot be read', script: '43=34 43?' },
  { about: 'a speaker that SeaBIOS and Linux switch', script: '61=03 43=b6 42=a9 42=04 61=00 61?&ef 61=00' },
  { about: 'mode 0 that is over, on OUT2', script: '61=01 43=b0 42=01 42=00 ~2 61?&ef 61=00' },
  {
    about: 'the calibration of Linux: mode 0 that is not over',
    script: '61=01 43=b0 42=ff 42=ff 61?&ef 61=00',
  },
  // QEMU's counter ends the half period that it is in; ICW1 then clears that edge.
  {
    about: 'counter 0 in mode 0, over, is a request for IRQ 0',
    script: `43=30 ~60 ${LINUX_PIC} 20=0a 20? 40=01 40=00 ~2 20? 43=30 43=30`,
  },
];

export const RTC: readonly Question[] = [
  { about: 'registers A, B and D', script: '70=0a 71? 70=0b 71? 70=0d 71?' },
  { about: 'port 70 cannot be read', script: '70=0d 70?' },
  { about: 'RAM, and NMI with its index', script: '70=40 71=5a 70=c0 71? 70=7f 71=a5 71?' },
  {
    about: 'equipment and size of RAM',
    script: [0x14, 0x15, 0x16, 0x17, 0x18, 0x30, 0x31, 0x32, 0x34, 0x35, 0x5b, 0x5c, 0x5d, 0x5f]
      .map((i) => `70=${i.toString(16)} 71?`)
      .join(' '),
  },
  { about: 'SET clears UIE; C and D cannot be written', script: '70=0b 71=92 71? 71=02 71? 70=0d 71=00 71?' },
  {
    about: 'the last second of a year, in BCD',
    script:
      '70=0a 71=26 70=0b 71=82 70=09 71=19 70=08 71=12 70=07 71=31 70=06 71=03 70=04 71=23 70=02 71=59 70=00 71=58 70=0b 71=02 ~2600 70=09 71? 70=08 71? 70=07 71? 70=06 71? 70=04 71? 70=02 71?',
  },
  {
    about: 'noon, in binary of 12 hours',
    script:
      '70=0b 71=84 70=04 71=0b 70=02 71=3b 70=00 71=3a 70=0b 71=04 ~2600 70=04 71? 70=02 71? 70=0b 71=02',
  },
  {
    about: 'flags of update and alarm, cleared by reading',
    script: '70=0b 71=02 70=01 71=c0 70=03 71=c0 70=05 71=c0 70=0a 71=20 70=0c 71?&30 ~1100 71? 71?',
  },
  {
    about: 'the periodic flag without its interrupt',
    script: '70=0a 71=26 70=0b 71=02 70=0c 71?&00 ~10 71?&40 70=0a 71=20',
    why: 'QEMU counts periods only while their interrupt is enabled',
  },
  {
    about: 'IRQ 8 of an update stays until C is read',
    script: `70=0a 71=20 70=0c 71?&00 ${LINUX_PIC} 70=0b 71=12 ~1100 a0=0a a0? 70=0c 71? 70=0b 71=02`,
  },
];

/** The accesses of Linux's i8042, atkbd and psmouse, FreeBSD's atkbdc and SeaBIOS. */
export const I8042: readonly Question[] = [
  { about: 'self test and line tests', script: '64=aa 60? 64=ab 60? 64=a9 60? 64?' },
  {
    about: 'the command byte, and the mouse in it',
    script: '64=60 60=47 64=20 60? 64=a7 64=20 60? 64=a8 64=20 60?',
  },
  { about: 'A2 after a byte at port 60', script: '60=f4 60? 64?&08', why: 'QEMU has it set for good' },
  { about: 'the loop of Linux', script: '64=d3 60=5a 64?&f7 60? 64=d3 60=a5 60? 64?&f7' },
  {
    about: 'the keyboard is reset, named and switched on',
    script: '64=60 60=04 60=ff 60? 60? 60=f2 60? 60? 60? 60=f4 60? 60=f5 60? 64?&f7',
  },
  { about: 'the keyboard, translated', script: '64=60 60=44 60=f2 60? 60? 60? 64=60 60=04' },
  {
    about: 'lamps, rate, set, echo',
    script: '60=ed 60? 60=07 60? 60=f3 60? 60=00 60? 60=f0 60? 60=00 60? 60? 60=ee 60?',
  },
  {
    about: 'a mouse, its reset and its state',
    script: '64=a8 64=d4 60=ff 60? 60? 60? 64=d4 60=f2 60? 60? 64=d4 60=e9 60? 60? 60? 60?',
  },
  {
    about: 'the knocks for wheel and buttons',
    script:
      [0xf3, 200, 0xf3, 100, 0xf3, 80].map((b) => `64=d4 60=${b.toString(16)} 60?`).join(' ') +
      ' 64=d4 60=f2 60? 60? ' +
      [0xf3, 200, 0xf3, 200, 0xf3, 80].map((b) => `64=d4 60=${b.toString(16)} 60?`).join(' ') +
      ' 64=d4 60=f2 60? 60?',
  },
  { about: 'input and output port', script: '64=c0 60? 64=d0 60?' },
];
