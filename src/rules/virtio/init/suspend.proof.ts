import { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import { FEATURE, VIRTIO_ID } from '../../../virtio/registers.ts';
import { device_status } from '../../../virtio/transport/modern/registers.ts';
import { scripts } from '../../script.proof.ts';
import { factsOfNobody } from '../facts.proof.ts';
import { type SUSPENSION, SuspendWatch } from './suspend.ts';

const WORKS = 0x0f;
const SUSPENDS = 0x1f;
const SUSPENDED = 0x1b;

/** A driver of a device with one queue, and what is available in it. */
class Sleeper {
  available = 3;
  private readonly watch: SuspendWatch;

  constructor(journal: Journal) {
    this.watch = new SuspendWatch(
      factsOfNobody('rng0', VIRTIO_ID.rng, [8]),
      journal,
      () => `${this.available}`,
    );
    this.watch.negotiated(BitSet.of([FEATURE.SUSPEND]));
    this.write(WORKS);
  }

  write(status: number): void {
    this.watch.written('modern', device_status, device_status.offset, 1, status);
  }

  read(status: number): void {
    this.watch.statusRead(status);
  }

  kick(): void {
    this.watch.judgesKick(0);
  }

  configure(): void {
    this.watch.configAccessed('modern', 0, 1, 1, true);
  }

  /** The device is suspended, and the driver has read that. */
  suspend(): void {
    this.write(SUSPENDS);
    this.read(SUSPENDED);
  }

  resume(): void {
    this.write(WORKS);
    this.read(WORKS);
  }
}

const sleeps = (meanwhile: (driver: Sleeper) => void) => (driver: Sleeper) => {
  driver.suspend();
  meanwhile(driver);
  driver.resume();
};
const good = sleeps(() => {});

export const SUSPENSION_PROOFS = scripts<Sleeper, keyof typeof SUSPENSION>(
  (journal) => new Sleeper(journal),
  {
    'virtio/SUSP-D2': {
      breaks: (driver) => {
        driver.write(SUSPENDS);
        driver.read(SUSPENDS);
        driver.resume();
      },
      keeps: good,
    },
    'virtio/SUSP-D3': {
      breaks: sleeps((driver) => {
        driver.available++;
      }),
      keeps: good,
    },
    'virtio/SUSP-D4': { breaks: sleeps((driver) => driver.kick()), keeps: good },
    'virtio/SUSP-D5': { breaks: sleeps((driver) => driver.configure()), keeps: good },
    'virtio/SUSP-D6': {
      breaks: (driver) => {
        driver.suspend();
        driver.write(WORKS);
        driver.kick();
        driver.read(WORKS);
      },
      keeps: good,
    },
  },
);
