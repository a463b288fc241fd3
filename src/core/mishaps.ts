/**
 * What the user's own code threw (a listener, a backend, a medium) while a machine was at work. The work is finished
 * first, so that no device stops halfway; then who made the access or moved time on gets the error. Of several in one
 * access the first counts.
 *
 * @example
 * const mishaps = new Mishaps();
 * mishaps.shield(() => backend.send(frame));   // never throws
 * queue.push(id, 0);                           // the device goes on
 * mishaps.raise();                             // throws what the backend threw
 */
export class Mishaps {
  private first: { readonly error: unknown } | null = null;
  private within = 0;

  /** Calls the user's code. */
  shield(theirs: () => void): void {
    try {
      theirs();
    } catch (error) {
      this.keep(error);
    }
  }

  keep(error: unknown): void {
    this.first ??= { error };
  }

  /** A piece of the work begins that makes accesses of its own: until `leave`, nothing is raised. */
  enter(): void {
    this.within++;
  }

  leave(): void {
    this.within--;
  }

  /** The work is done. @throws what was kept, once. */
  raise(): void {
    if (this.first !== null) this.throwFirst();
  }

  private throwFirst(): void {
    if (this.within > 0) return;
    const { error } = this.first!;
    this.first = null;
    throw error;
  }
}
