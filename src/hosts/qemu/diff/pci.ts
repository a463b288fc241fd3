import { bdfText, hex, type Width } from '../../../core/bits.ts';
import { configRead, configWrite, functionsOf, identify } from '../../../guest/index.ts';
import { BAR0 } from '../../../pci/registers.ts';
import { type Answer, type Area, anyValue, pick, type Question } from './question.ts';
import { NIC, SCSI } from './side.ts';

const HOST = 0x00;
const ISA = 0x08;
const ACPI = 0x0b;
const FUNCTIONS = [HOST, ISA, ACPI, SCSI, NIC];
const ABSENT = [0x10, 0x0a, 0x0c, 0x28, 0xf8, 0x100];
const BARS_END = BAR0 + 6 * 4;
/** SMRAM of the host bridge, whose D_LCK stays set until a reset. */
const SMRAM = 0x72;
const D_LCK = 0x10;

/** Configuration space: values at power-on, values after a write, and values after they are written back. */
export const pci: Area = {
  name: 'pci',
  modern: false,
  scripted: [
    {
      about: 'the functions of the bus',
      ask: ({ port }) =>
        functionsOf(port).map((bdf) => {
          const { vendor, device, revision } = identify(port, bdf);
          return {
            place: `pci function ${bdfText(bdf)}`,
            said: `${hex(vendor, 4)}:${hex(device, 4)} r${hex(revision, 2)}`,
          };
        }),
    },
    ...FUNCTIONS.map(allOf),
  ],
  seeded: (random) => {
    const width = pick(random, [1, 2, 4] as const);
    const bdf = pick(random, [...FUNCTIONS, pick(random, ABSENT)]);
    const at = random.below(0x100) & ~(width - 1);
    return writtenBack(bdf, at, width, harmless(bdf, at, anyValue(random, width)));
  },
};

/** The value of a base address is the firmware's choice. */
function allOf(bdf: number): Question {
  const registers = Array.from({ length: 0x40 }, (_, i) => 4 * i).filter((at) => !isBar(at));
  return {
    about: `all of ${bdfText(bdf)}`,
    ask: ({ port }) => registers.map((at) => answer(bdf, at, 4, 'read', configRead(port, bdf, at, 4))),
  };
}

function isBar(at: number): boolean {
  return at >= BAR0 && at < BARS_END;
}

function answer(bdf: number, at: number, width: Width, what: string, said: number): Answer {
  return { place: `pci ${bdfText(bdf)} ${hex(at, 2)}/${width} ${what}`, said: hex(said >>> 0, 2 * width) };
}

function writtenBack(bdf: number, at: number, width: Width, value: number): Question {
  const said = (what: string, of: number) => answer(bdf, at, width, what, of);
  return {
    about: `${bdfText(bdf)} ${hex(at, 2)}/${width} = ${hex(value, 2 * width)}`,
    ask: ({ port }) => {
      const before = configRead(port, bdf, at, width);
      configWrite(port, bdf, at, value, width);
      const written = configRead(port, bdf, at, width);
      configWrite(port, bdf, at, before, width);
      const after = configRead(port, bdf, at, width);
      // How much of a base address can be written is the device's.
      return isBar(at)
        ? [said('written', written)]
        : [said('read', before), said('written', written), said('after', after)];
    },
  };
}

/** Without the bits that could not be undone. */
function harmless(bdf: number, at: number, value: number): number {
  const shift = SMRAM - at;
  return bdf === HOST && shift >= 0 && shift < 4 ? (value & ~(D_LCK << (8 * shift))) >>> 0 : value;
}
