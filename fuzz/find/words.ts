/** Messages may differ in numbers. */
export function alike(one: string | undefined, other: string): boolean {
  return one !== undefined && withoutNumbers(one) === withoutNumbers(other);
}

export function withoutNumbers(text: string): string {
  return text.replaceAll(/\b[0-9a-f]*\d[0-9a-f]*\b/g, '#');
}
