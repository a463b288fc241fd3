/** Where something was read: a file as the user named it, a line counted from 1, and what stands there. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export function placeText({ file, line }: Place): string {
  return `${file}:${line}`;
}
