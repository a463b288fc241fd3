/** The place of a value: a file as the user named it, a line counted from 1, and its text. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export function placeText({ file, line }: Place): string {
  return `${file}:${line}`;
}
