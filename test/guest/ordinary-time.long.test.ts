import { expect, test } from 'vitest';
import { partOf, repeats } from '../repeats.ts';
import { type Boot, boot, guestMachine, RAM } from './guest.ts';
import { kernelLines } from './log.ts';

/** One commit in two: the others boot by the virtual clock. */
const isPlayed = partOf([true], 2, 1).length > 0;
const BOOTS = repeats(2, 10);
/** Lines that tell how long the boot took, or compare two clocks, between which a busy host may pause. */
const DURATION =
  /sched_clock: Marking stable|setting system clock to|took \d+ usecs|clocksource: acpi_pm|PM-Timer running at/;

/** A kernel's lines about the machine, unordered: devices that are probed in parallel appear as they become ready. */
function found({ text }: Boot): string[] {
  return kernelLines(text, RAM)
    .filter((line) => !DURATION.test(line))
    .sort();
}

test.runIf(isPlayed)(
  `${BOOTS} boots by the host's clock find the same, each in a time of its own`,
  async () => {
    const boots = [];
    for (let n = 0; n < BOOTS; n++) boots.push(await boot(guestMachine(), '-- quick', { time: 'host' }));

    for (const booted of boots) expect(found(booted)).toEqual(found(boots[0]!));
    expect(new Set(boots.map(({ machine }) => machine.now)).size).toBe(BOOTS);
  },
);
