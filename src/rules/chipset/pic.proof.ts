import type { Journal } from '../../core/journal.ts';
import { PORT } from '../../core/places.ts';
import { type ScriptClock, scripts } from '../script.proof.ts';
import { EoiWatch, type PIC_EOI } from './eoi.ts';
import { type INTERRUPT, InterruptWatch } from './interrupt.ts';
import { type PIC, PicWatch } from './pic.ts';
import { type ROUTER, RouterWatch } from './router.ts';

/** A PCI interrupt is routed to IRQ 11, level 3 of the slave. */
const PCI_IRQ = 11;
const LEVEL = 3;
const SPECIFIC = true;
const NOTHING = -1;

/** Both controllers are initialised, with these vectors of the slave and this mask of the master, and a line opened. */
function setUp(slave: PicWatch, base: number, mask = 0xfb): void {
  slave.other!.initialised(0x11, 0x20, 0x04, 0x01);
  slave.initialised(0x11, base, 0x02, 0x01);
  slave.other!.masked(mask, 0x11, 0x04, 0x01);
  slave.masked(0xf7, 0x11, 0x02, 0x01);
}

/** A slave, and the width of what writes OCW2. */
class Slave extends PicWatch {
  private readonly kept: Journal;

  constructor(journal: Journal) {
    super('pic slave', 'slave', journal, (irq) => (irq === PCI_IRQ ? 'PCI' : null));
    this.kept = journal;
  }

  /** An EOI is written by an access of `width` bytes. */
  out(width: number): void {
    this.kept.trail.begin({
      ...{ space: 'port', write: true, address: PORT.PIC_SLAVE, width },
      ...{ value: 0x20, region: null, offset: 0, context: 0 },
    });
    this.commanded(0);
  }
}

export const PIC_PROOFS = scripts<Slave, keyof typeof PIC>(
  (journal) => {
    const slave = new Slave(journal);
    slave.other = new PicWatch('pic master', 'master', journal);
    return slave;
  },
  {
    'pic/BASE-ALIGN': {
      breaks: (pic) => pic.initialised(0x11, 0x2c, 0x02, 0x01),
      keeps: (pic) => pic.initialised(0x11, 0x28, 0x02, 0x01),
    },
    'pic/BASE-SAME': {
      breaks: (pic) => setUp(pic, 0x20),
      keeps: (pic) => setUp(pic, 0x28),
    },
    'pic/CASCADE-CLOSED': {
      breaks: (pic) => {
        setUp(pic, 0x28, 0xff);
        pic.closed();
      },
      keeps: (pic) => {
        setUp(pic, 0x28, 0xff);
        pic.other!.masked(0xfb, 0x11, 0x04, 0x01);
        pic.closed();
      },
    },
    'pic/INIT': {
      breaks: (pic) => pic.masked(0xfe, 0, 0, 0),
      keeps: (pic) => pic.masked(0xfe, 0x11, 0x02, 0x01),
    },
    'pic/CASCADE': {
      breaks: (pic) => pic.initialised(0x11, 0x28, 0x04, 0x01),
      keeps: (pic) => pic.initialised(0x11, 0x28, 0x02, 0x01),
    },
    'pic/ICW4': {
      breaks: (pic) => pic.initialised(0x11, 0x28, 0x02, 0xff),
      keeps: (pic) => pic.initialised(0x11, 0x28, 0x02, 0x01),
    },
    'pic/BASE': {
      breaks: (pic) => pic.initialised(0x11, 0x08, 0x02, 0x01),
      keeps: (pic) => pic.initialised(0x11, 0x28, 0x02, 0x01),
    },
    'pic/SEQUENCE': {
      breaks: (pic) => {
        pic.began();
        pic.closed();
      },
      keeps: (pic) => {
        pic.began();
        pic.initialised(0x11, 0x28, 0x02, 0x01);
        pic.commanded(0);
      },
    },
    'pic/WIDTH': {
      breaks: (pic) => pic.out(2),
      keeps: (pic) => pic.out(1),
    },
    'pirq/ELCR': {
      breaks: (pic) => pic.acknowledged(LEVEL, false),
      keeps: (pic) => pic.acknowledged(LEVEL, true),
    },
  },
);

export const PIC_EOI_PROOFS = scripts<EoiWatch, keyof typeof PIC_EOI>(
  (journal) => new EoiWatch('pic slave', journal),
  {
    'pic/EOI-LEVEL': {
      breaks: (chip) => chip.ended(4, SPECIFIC, 1 << LEVEL),
      keeps: (chip) => chip.ended(LEVEL, SPECIFIC, 1 << LEVEL),
    },
    'pic/EOI-IDLE': {
      breaks: (chip) => chip.ended(NOTHING, !SPECIFIC, 0),
      keeps: (chip) => chip.ended(LEVEL, !SPECIFIC, 1 << LEVEL),
    },
    'pic/SPURIOUS': {
      breaks: (chip) => {
        chip.acknowledged(NOTHING);
        chip.ended(NOTHING, !SPECIFIC, 0);
      },
      keeps: (chip) => {
        chip.acknowledged(NOTHING);
        chip.acknowledged(LEVEL);
      },
    },
  },
);

export const ROUTER_PROOFS = scripts<RouterWatch, keyof typeof ROUTER>(
  (journal) => new RouterWatch(journal),
  {
    'pirq/RESERVED': {
      breaks: (router) => router.routed(0, 0x08, null),
      keeps: (router) => router.routed(0, 0x0a, 10),
    },
  },
);

const ENDED = true;
const HIGH = true;
const [COM1, VECTOR] = [4, 0x24];
const SECOND = 1_000_000_000;

/** A CPU, the line of COM1, and time. */
class Scene {
  readonly cpu: InterruptWatch;
  high = false;
  private readonly clock: ScriptClock;

  constructor(journal: Journal, clock: ScriptClock) {
    this.clock = clock;
    this.cpu = new InterruptWatch(() => this.high, journal);
  }

  /** A second passes, and another interrupt comes. */
  pass(): void {
    this.clock.now += SECOND;
    this.cpu.taken(0x28, true, false);
  }
}

export const INTERRUPT_PROOFS = scripts<Scene, keyof typeof INTERRUPT>(
  (journal, clock) => new Scene(journal, clock),
  {
    'pic/VECTOR': {
      breaks: ({ cpu }) => cpu.taken(0x08, false, true),
      keeps: ({ cpu }) => cpu.taken(0x20, true, false),
    },
    'pic/EOI': {
      breaks: ({ cpu }) => cpu.returned(VECTOR, !ENDED, -1, false),
      keeps: ({ cpu }) => cpu.returned(VECTOR, ENDED, -1, false),
    },
    'pic/EDGE': {
      breaks: (scene) => {
        scene.cpu.returned(VECTOR, ENDED, COM1, HIGH);
        scene.high = HIGH;
        scene.pass();
      },
      keeps: (scene) => {
        scene.cpu.returned(VECTOR, ENDED, COM1, HIGH);
        scene.pass();
      },
    },
  },
);
