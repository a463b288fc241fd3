import { MisuseError } from '../../../core/misuse.ts';

/** `key=value` pairs of an option; nested ones of JSON by dotted keys. */
export type Properties = Readonly<Record<string, string>>;

/**
 * The value of one of QEMU's options: `virtio-net-pci,netdev=n0,addr=04.0`, a comma in a value doubled, or a JSON object. A key
 * alone is on.
 *
 * @param first the key of a first value without one.
 * @throws MisuseError for text that is not a JSON object.
 */
export function propertiesOf(option: string, text: string, first: string): Properties {
  if (text.startsWith('{')) return flat(jsonOf(option, text));
  const pairs: [string, string][] = [];
  for (const [i, part] of split(text).entries()) {
    const at = part.indexOf('=');
    if (at >= 0) pairs.push([part.slice(0, at), part.slice(at + 1)]);
    else if (i === 0) pairs.push([first, part]);
    else if (part !== '') pairs.push([part, 'on']);
  }
  return Object.fromEntries(pairs);
}

/** QMP's JSON in the form of a command line. */
export function flat(value: object, prefix = ''): Properties {
  const pairs = Object.entries(value).flatMap(([key, inner]): [string, string][] => {
    if (typeof inner === 'object' && inner !== null) return Object.entries(flat(inner, `${prefix}${key}.`));
    return [[`${prefix}${key}`, typeof inner === 'boolean' ? (inner ? 'on' : 'off') : String(inner)]];
  });
  return Object.fromEntries(pairs);
}

export function isOn(value: string | undefined): boolean {
  return value === 'on' || value === 'yes' || value === 'true';
}

/** @throws MisuseError for text that is not a number, decimal or 0x. */
export function countOf(path: string, text: string): number {
  if (!/^(\d+|0x[0-9a-f]+)$/i.test(text)) throw new MisuseError(path, text, 'a whole number');
  return Number(text);
}

function jsonOf(option: string, text: string): object {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MisuseError(option, text, '', `not JSON: ${(error as Error).message}`);
  }
}

/** Splits at commas; two of them are one in a value. */
function split(text: string): string[] {
  return text.split(/(?<!,),(?!,)/).map((part) => part.replaceAll(',,', ','));
}
