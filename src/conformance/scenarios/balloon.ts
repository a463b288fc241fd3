import { BalloonDriver, virtioBalloon } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import type { DriverModel } from '../model.ts';
import type { Scenario } from './scenario.ts';

/** More pages than one request has, and some of them. */
const MANY = 300;
const FEW = 7;
const SOON = 1_000_000;

/** Follows the target, and reports its memory on request. */
function follows(driver: ReturnType<typeof virtioBalloon>): DriverModel {
  return {
    name: 'reference balloon',
    drivers: [driver],
    run: (_port, handles) => {
      for (const balloon of handles) {
        if (!(balloon instanceof BalloonDriver)) continue;
        balloon.follow();
        balloon.answer(SOON);
      }
    },
  };
}

function fillAndEmpty(machine: Machine, use: () => void): void {
  const balloon = machine.balloon!;
  for (const target of [MANY, FEW, MANY, 0]) {
    balloon.target = target;
    balloon.askStats();
    use();
  }
}

const stats = () => ({ MEMFREE: 1n, MEMTOT: 2n });

export const BALLOON_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a balloon that is filled, emptied and asked for statistics',
    machine: () => gceN1({ balloon: true }),
    model: () => follows(virtioBalloon({ stats })),
    act: fillAndEmpty,
  },
  {
    name: 'a balloon that it polls and has nothing to tell of',
    machine: () => gceN1({ balloon: true }),
    model: () => follows(virtioBalloon({ interrupts: 'polled' })),
    act: fillAndEmpty,
  },
  {
    name: 'a balloon behind the modern interface',
    machine: () => gceN1({ balloon: true, virtio: 'modern' }),
    model: () => follows(virtioBalloon({ stats })),
    act: fillAndEmpty,
  },
];
