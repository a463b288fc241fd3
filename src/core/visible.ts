/** What moves a cursor, colours, turns the direction of writing, is not seen, or is half a character. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** How a line begins that a CI takes for a command or a file for a comment; GitHub's runner looks behind blanks. */
const COMMAND = /^(\s*)(::|#)/;
/** The older form of such a command, which it takes anywhere in a line. */
const OLDER = /##\[/g;

/**
 * Text that comes from outside, such as a name, as part of one line: it shows what it is made of, and does nothing to a terminal
 * or to a CI that reads along.
 *
 * @example visible('nic\n::error::gone');       // 'nic\u{a}::error::gone', in one line
 */
export function visible(text: string): string {
  return text
    .replaceAll(UNSEEN, escaped)
    .replace(
      COMMAND,
      (_, blanks: string, [first]: string) => `${blanks}${escaped(first!)}${first === ':' ? ':' : ''}`,
    )
    .replaceAll(OLDER, `#${escaped('#')}[`);
}

/** The same of a text that may have several lines, such as what an error says; each line feed is `between`. */
export function visibleLines(text: string, between = '\n'): string {
  return text
    .split(/\r?\n/)
    .map((line) => visible(line))
    .join(between);
}

/** The same for a form that has its own ways to keep white space, and commands, from doing anything. */
export function seen(text: string): string {
  return text.replaceAll(UNSEEN, (sign) => (/[\t\r\n]/.test(sign) ? sign : escaped(sign)));
}

/** As JavaScript writes it: `\u{1b}`. */
function escaped(sign: string): string {
  return `\\u{${sign.codePointAt(0)!.toString(16)}}`;
}
