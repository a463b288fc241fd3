import { MisuseError } from '../../core/misuse.ts';

/** RFC 1035, 2.3.4. */
const [LABEL_MOST, NAME_MOST] = [63, 253];
const LABEL = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/i;

/** RFC 1035, 3.1: each label after its length. */
export function nameBytes(name: string): Uint8Array {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Uint8Array.of(...labels, 0);
}

/** In lower case, as names are compared. @throws MisuseError for an invalid name. */
export function checkedName(path: string, name: string): string {
  const isName =
    typeof name === 'string' &&
    name.length <= NAME_MOST &&
    name.split('.').every((label) => label.length <= LABEL_MOST && LABEL.test(label));
  if (!isName)
    throw new MisuseError(path, name, 'a name of letters, digits and hyphens (example files.example)');
  return name.toLowerCase();
}
