/** One source's hold on a line. */
export class Wire {
  readonly name: string;
  level = false;
  private readonly line: Line;

  constructor(name: string, line: Line) {
    this.name = name;
    this.line = line;
  }

  set(level: boolean): void {
    if (level === this.level) return;
    this.level = level;
    this.line.count(level ? 1 : -1);
  }
}

/**
 * A wired-OR interrupt line: high while any of its sources is. Each source takes its own wire, so that two devices
 * on one line cannot lower each other.
 */
export class Line {
  readonly name: string;
  /** Called when the level changes: one reader, a chip's input or a router. */
  onChange: ((level: boolean) => void) | null = null;
  /** Observers, which do not act on the level. */
  onLevel: ((level: boolean) => void) | null = null;
  private asserted = 0;

  constructor(name: string) {
    this.name = name;
  }

  get level(): boolean {
    return this.asserted > 0;
  }

  source(name: string): Wire {
    return new Wire(name, this);
  }

  /** @internal */ count(by: 1 | -1): void {
    const before = this.level;
    this.asserted += by;
    if (this.level === before) return;
    this.onLevel?.(this.level);
    this.onChange?.(this.level);
  }
}
