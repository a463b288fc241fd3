import type { Nanos } from '../../core/bits.ts';

/** Less than this ahead of the host's time there is no wait: the host's timers are no finer. */
const AHEAD = 5;

/** Keeps virtual time from running ahead of the host's. */
export class Pace {
  private readonly guest: Nanos;
  private readonly host = performance.now();

  /** @param now the virtual time that matches the host's present time. */
  constructor(now: Nanos) {
    this.guest = now;
  }

  async wait(now: Nanos): Promise<void> {
    const ahead = (now - this.guest) / 1e6 - (performance.now() - this.host);
    if (ahead > AHEAD) await new Promise((resume) => setTimeout(resume, ahead));
  }
}
