/** ECMA-48: ESC, then a letter; or `ESC [`, parameters and intermediates, and a final character. */
const ESC = '\x1b';
const PARAMETERS = /[\x20-\x3f]/;
/** Rows of SeaBIOS's screen: the last one stays the last when it scrolls. */
const ROWS = 25;
/** More of a line is kept of no guest, and the cursor goes no further; and no longer sequence means anything. */
const COLUMNS = 256;
const LONGEST = 64;

/**
 * The text on a terminal, as a stream without cursor movements and colours. SeaBIOS shows its screen in pieces, with a
 * character too many before the cursor goes back: `boo`, to the third column, `oted`; `devii`, a column back, `ce`.
 * Characters that are already there are left out; a line that is overwritten begins again.
 *
 * @example
 * const plain = new PlainText();
 * [...'boo\x1b[03;03Hoted'].map((sign) => plain.take(sign)).join('');       // 'booted'
 */
export class PlainText {
  /** Null outside of a control sequence. */
  private sequence: string | null = null;
  private line: string[] = [];
  private column = 0;
  private row = 1;

  /** @returns the new text on the screen: the character, a new line, both with more, or nothing. */
  take(sign: string): string {
    if (this.sequence !== null) return this.control(sign);
    if (sign === ESC) this.sequence = '';
    else if (sign === '\r') this.column = 0;
    else if (sign === '\b') this.column = Math.max(0, this.column - 1);
    else if (sign === '\n') return this.newLine(Math.min(this.row + 1, ROWS));
    else return this.write(sign);
    return '';
  }

  private write(sign: string): string {
    if (this.column === COLUMNS) {
      this.line = [];
      this.column = 0;
    }
    const { line, column } = this;
    this.column++;
    if (line[column] === sign) return '';
    const gap = Math.max(0, column - line.length);
    const over = column < line.length;
    line.length = Math.min(line.length, column);
    for (let i = 0; i < gap; i++) line.push(' ');
    line.push(sign);
    return over ? `\n${line.join('')}` : ' '.repeat(gap) + sign;
  }

  private newLine(row: number): string {
    this.line = [];
    this.row = row;
    return '\n';
  }

  private control(sign: string): string {
    const begun = this.sequence!;
    const goesOn = begun !== '' && begun.length < LONGEST && PARAMETERS.test(sign);
    if ((begun === '' && sign === '[') || goesOn) {
      this.sequence += sign;
      return '';
    }
    this.sequence = null;
    return begun !== '' && (sign === 'H' || sign === 'f') ? this.moveTo(begun.slice(1)) : '';
  }

  /** CUP: row and column, both from 1. */
  private moveTo(parameters: string): string {
    const [row = 1, column = 1] = parameters
      .split(';')
      .map((text) => (/^\d+$/.test(text) && Number(text)) || 1);
    this.column = Math.min(column, COLUMNS) - 1;
    return row === this.row ? '' : this.newLine(row);
  }
}
