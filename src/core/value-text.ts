/** What a message shows of a value. */
const SHOWN = 100;

/** Any value at all in few words, for a message. */
export function valueText(value: unknown): string {
  const text = textOf(value);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'bigint':
      return `${value}n`;
    case 'function':
      return 'a function';
    case 'string':
      return JSON.stringify(value.slice(0, SHOWN));
    case 'object':
      return value === null ? 'null' : objectText(value);
    default:
      // JSON would say null of NaN and Infinity.
      return String(value);
  }
}

/** JSON where there is one: not of a cycle, nor of an object whose own code throws. */
function objectText(value: object): string {
  try {
    if (ArrayBuffer.isView(value)) return `a ${value.constructor.name} of ${value.byteLength} bytes`;
    return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)) ?? 'an object';
  } catch {
    return Array.isArray(value) ? 'an array' : 'an object';
  }
}
