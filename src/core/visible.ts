/** Characters that move the cursor, change colour or writing direction, are invisible, or are half a surrogate pair. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** Line beginnings that a CI takes for a command or a file for a comment; GitHub's runner skips leading blanks. */
const COMMAND = /^(\s*)(::|#)/;
/** The older form of such a command, recognised anywhere in a line. */
const OLDER = /##\[/g;

/**
 * Makes text from outside, such as a name, safe as part of one line: special characters are shown escaped, without effect
 * on a terminal or on a CI that reads the log.
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

/** As `visible`, for a text that may have several lines, such as an error's message; each line feed becomes `between`. */
export function visibleLines(text: string, between: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => visible(line))
    .join(between);
}

/** As `visible`, for a format that itself disarms white space and commands. */
export function seen(text: string): string {
  return text.replaceAll(UNSEEN, (sign) => (/[\t\r\n]/.test(sign) ? sign : escaped(sign)));
}

/** As JavaScript writes it: `\u{1b}`. */
function escaped(sign: string): string {
  return `\\u{${sign.codePointAt(0)!.toString(16)}}`;
}
