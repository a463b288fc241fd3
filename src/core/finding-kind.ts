/** What distinguishes breaches of one clause. */
interface Breach {
  readonly subject: string;
  readonly said: string;
}

/** A number, in whatever base, or a name that has one: `0x1f`, `bd`, `00:04.0`, `4096`. */
const NUMBERS = /\b(?:[\w:.]*\d[\w:.]*|[a-f]{2,}\b)/g;

/** The device of a subject: `net0` of `net0 (00:04.0), transmit queue 1`. */
export function deviceOf(subject: string): string {
  return /^[^,(]*/.exec(subject)![0].trim();
}

/** Breaches are of one kind if they are of one device and their texts differ in numbers alone. */
export function kindOf({ subject, said }: Breach): string {
  return `${deviceOf(subject)}\n${said.replace(NUMBERS, '#')}`;
}
