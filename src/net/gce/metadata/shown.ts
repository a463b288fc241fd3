import { entriesOf, isFolder, type MetadataNode, valueText } from './tree.ts';

/** Folders with user-defined names, which stay unchanged in JSON. */
const GIVEN = ['attributes', 'guest-attributes', 'guestAttributes'];

/** The form that a request asks for. */
interface Wish {
  readonly recursive: boolean;
  /** The `alt` parameter: `json`, `text`, or nothing. */
  readonly alt: string | null;
}

interface Shown {
  readonly body: string;
  readonly isJson: boolean;
}

/** A value as it is, a folder as its names; with `recursive` all of its content, as JSON by default. */
export function shown(name: string, node: MetadataNode, { recursive, alt }: Wish): Shown {
  const entries = entriesOf(name, node);
  if (entries === null)
    return alt === 'json' ? json(name, node) : { body: valueText(name, node), isJson: false };
  if (recursive && alt !== 'text') return json(name, node);
  const lines = recursive ? linesOf(name, node, '') : entries.map(([own, child]) => nameLine(own, child));
  return { body: lines.join(''), isJson: false };
}

function json(name: string, node: MetadataNode): Shown {
  return { body: JSON.stringify(camel(name, node)), isJson: true };
}

function nameLine(name: string, node: MetadataNode): string {
  return `${name}${entriesOf(name, node) === null ? '' : '/'}\n`;
}

function linesOf(name: string, node: MetadataNode, prefix: string): readonly string[] {
  return entriesOf(name, node)!.flatMap(([own, child]) =>
    entriesOf(own, child) === null
      ? [`${prefix}${own} ${valueText(own, child)}\n`]
      : linesOf(own, child, `${prefix}${own}/`),
  );
}

/** In JSON names are in camel case, except user-defined ones. */
function camel(name: string, node: MetadataNode): unknown {
  if (Array.isArray(node)) return node.map((child) => camel('', child));
  if (!isFolder(node)) return node;
  return Object.fromEntries(
    entriesOf(name, node)!.map(([own, child]) => [
      camelName(own),
      GIVEN.includes(own) ? child : camel(own, child),
    ]),
  );
}

function camelName(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
