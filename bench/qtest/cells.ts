/** A client's repeated request. */
export interface QtestCell {
  readonly name: string;
  readonly about: string;
  readonly line: string;
  /** Lines that are sent before the first answer is awaited. */
  readonly ahead: number;
}

export const QTEST_CELLS: readonly QtestCell[] = [
  {
    name: 'port',
    about: 'the index of the clock at port 71, an answer awaited each time',
    line: 'inb 0x71',
    ahead: 1,
  },
  {
    name: 'RAM',
    about: 'a doubleword of RAM, an answer awaited each time',
    line: 'readl 0x200000',
    ahead: 1,
  },
  {
    name: 'RAM, 64 bytes',
    about: 'bytes written to RAM, an answer awaited each time',
    line: `write 0x200000 64 0x${'5a'.repeat(64)}`,
    ahead: 1,
  },
  { name: 'port, ahead', about: 'the same port, a thousand lines at a time', line: 'inb 0x71', ahead: 1000 },
];
