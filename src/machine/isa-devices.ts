import { I8042 } from '../chipset/i8042.ts';
import { DmaPages } from '../chipset/piix4-ports.ts';
import { Pit8254 } from '../chipset/pit8254.ts';
import { Port61 } from '../chipset/port61.ts';
import { Rtc, type RtcContents, type RtcManner } from '../chipset/rtc.ts';
import type { Region } from '../core/access.ts';
import type { PortSpace } from '../core/address-space.ts';
import type { Board, ResetKind } from '../core/board.ts';
import { Line } from '../core/line.ts';
import { PORT } from '../core/places.ts';

const [TIMER_IRQ, KEYBOARD_IRQ, RTC_IRQ, MOUSE_IRQ] = [0, 1, 8, 12];

/** Settings of the devices, and their connections. */
interface IsaDevicesParts {
  readonly irqs: readonly Line[];
  readonly onReset: (hard: boolean) => void;
  /** The real-time clock raised IRQ 8. */
  readonly onClock: () => void;
  readonly rtc: RtcContents;
  /** Left out: the chip's. */
  readonly rtcManner: RtcManner | undefined;
  readonly keyboardLocked: boolean;
}

/** The devices of a PC at fixed ports, without its interrupt controllers: timer, clock, keyboard controller. */
export class IsaDevices {
  readonly pit: Pit8254;
  readonly rtc: Rtc;
  readonly i8042: I8042;
  private readonly port61: Port61;

  constructor(
    board: Board,
    ports: PortSpace,
    { irqs, onReset, onClock, rtc, rtcManner, keyboardLocked }: IsaDevicesParts,
  ) {
    const wire = (irq: number, name: string) => irqs[irq]!.source(name);
    this.pit = new Pit8254('pit', board, wire(TIMER_IRQ, 'pit'));
    this.port61 = new Port61(this.pit);
    const irq8 = wire(RTC_IRQ, 'rtc');
    const clock = new Line('RTC');
    clock.onChange = (level) => {
      irq8.set(level);
      if (level) onClock();
    };
    this.rtc = new Rtc('rtc', board, clock.source('rtc'), rtc, rtcManner);
    this.i8042 = new I8042(
      'i8042',
      { irq1: wire(KEYBOARD_IRQ, 'i8042'), irq12: wire(MOUSE_IRQ, 'i8042'), onReset },
      { locked: keyboardLocked },
    );
    const places: readonly (readonly [port: number, region: Region])[] = [
      [PORT.PIT, this.pit],
      [PORT.KEYBOARD_DATA, this.i8042.data],
      [PORT.NMISC, this.port61],
      [PORT.KEYBOARD_COMMAND, this.i8042.command],
      [PORT.RTC, this.rtc],
      [PORT.DMA_PAGES, new DmaPages()],
    ];
    for (const [port, region] of places) ports.map(port, region, 'bridge');
  }

  reset(kind: ResetKind): void {
    if (kind === 'soft') return;
    this.port61.reset();
    this.rtc.reset(kind);
    this.i8042.reset();
  }

  /** Takes their timers off the clock. */
  close(): void {
    this.pit.close();
    this.rtc.close();
  }
}
