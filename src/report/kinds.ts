import type { Finding } from '../core/finding.ts';
import { deviceOf, kindOf } from '../core/finding.ts';
import { visible } from '../core/visible.ts';

/** Findings of one clause that are of one kind. */
interface Kind<F extends Finding = Finding> {
  readonly first: F;
  /** How often, all of them together. */
  readonly count: number;
}

/** This many further kinds of a clause are listed: the first of each device, however many there are, and then others. */
const TOLD = 16;

/** Findings of one clause by kind, in the order in which they were made. */
export function kindsOf<F extends Finding>(findings: readonly F[]): Kind<F>[] {
  const kinds = new Map<string, { first: F; count: number }>();
  for (const finding of findings) {
    const key = kindOf(finding);
    const kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, { first: finding, count: finding.count });
    else kind.count += finding.count;
  }
  return [...kinds.values()];
}

/** The other kinds of findings of a clause, after its first finding: a line for each, as `also net1: … (3 times)`. */
export function otherKinds(findings: readonly Finding[]): string[] {
  const [first, ...others] = kindsOf(findings);
  if (first === undefined) return [];
  const devices = new Set([deviceOf(first.first.subject)]);
  const isNew = ({ first: { subject } }: Kind) => {
    const before = devices.size;
    return devices.add(deviceOf(subject)).size > before;
  };
  const ofDevices = others.filter(isNew);
  const sorted = [...ofDevices, ...others.filter((kind) => !ofDevices.includes(kind))];
  const listed = Math.max(TOLD, ofDevices.length);
  const told = sorted.slice(0, listed).map((kind) => `also ${kindText(kind)}`);
  return sorted.length > listed ? [...told, `and in ${sorted.length - listed} more ways`] : told;
}

/** `net1, transmit queue 1: … (3 times)` */
function kindText({ first: { subject, said }, count }: Kind): string {
  return visible(`${subject}: ${said}${count > 1 ? ` (${count} times)` : ''}`);
}

/** This many findings of one clause are kept. */
const GATHERED = 64;

/** Findings of one clause from several runs: all of the first run that has some, and the new kinds of each other. */
export class GatheredKinds<F extends Finding> {
  readonly findings: F[] = [];
  private readonly kinds = new Set<string>();

  add(findings: readonly F[]): void {
    const isFirst = this.findings.length === 0;
    for (const finding of findings) {
      const before = this.kinds.size;
      const isNew = this.kinds.add(kindOf(finding)).size > before;
      if (isFirst || (isNew && this.findings.length < GATHERED)) this.findings.push(finding);
    }
  }
}
