import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { newerQemu } from '../newer-qemu.ts';
import { workFolder } from '../work-folder.ts';

const folder = workFolder();
const SECTOR = 512;
/** A program each. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRST';
const INT = 0xcd;
const [PUSHA, POPA, FAR_RETURN] = [0x60, 0x61, 0xcb];

let qemu: string;
beforeAll(() => {
  qemu = newerQemu();
}, 180_000);

/** mov ax, 0e..; mov bx, 0; int 10h, with all registers as they were. */
const say = (sign: string) => [PUSHA, 0xb8, sign.charCodeAt(0), 0x0e, 0xbb, 0, 0, INT, 0x10, POPA];

/** Reads sector after sector to the same page by INT 13h, and calls each there. */
function loader(): readonly number[] {
  const stack = [0x31, 0xc0, 0x8e, 0xd0, 0xbc, 0x00, 0x7c]; // ss:sp = 0:7c00
  const page = [0xb8, 0x00, 0x20, 0x8e, 0xc0]; // es = 2000
  const first = [0xb1, 2]; // mov cl, 2
  const read = [0xb8, 0x01, 0x02, 0x31, 0xdb, 0xb5, 0x00, 0xba, 0x80, 0x00, 0x51, INT, 0x13, 0x59];
  const call = [0x9a, 0x00, 0x00, 0x00, 0x20]; // call 2000:0000
  const next = [0xfe, 0xc1, 0x80, 0xf9, 2 + LETTERS.length]; // inc cl; cmp cl, …
  const again = [0x72, 0x100 - (read.length + call.length + next.length + 2)]; // jb
  return [
    ...[...stack, ...page, ...first, ...say('<')],
    ...[...read, ...call, ...next, ...again],
    ...[...say('>'), 0xf4, 0xeb, 0xfd],
  ];
}

function disk(): Uint8Array {
  const bytes = new Uint8Array(1 << 20);
  bytes.set(loader());
  bytes.set([0x55, 0xaa], 510);
  for (const [i, letter] of [...LETTERS].entries()) bytes.set([...say(letter), FAR_RETURN], (1 + i) * SECTOR);
  return bytes;
}

/** The output of the programs. */
async function printed(options: object): Promise<string | undefined> {
  const at = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const files = ['--disk', at('disk.img', disk()), '--options', at('options.json', JSON.stringify(options))];
  const script = ['--script', at('script', 'expect />/ within 60s\nend\n'), '--limit', '90s'];
  let out = '';
  const io = { out: (text: string) => (out += text), err: () => {}, color: false };
  await run(['boot', '--on', `qemu:${qemu}`, ...files, ...script], io);
  return /<([A-Z]*)/.exec(out.slice(out.indexOf('Booting from Hard Disk')))?.[1];
}

/**
 * QEMU translates the code of a page once. Code that a disk puts there later must run instead: with a device whose stores
 * bypass QEMU, the first program runs twenty times.
 */
test.each([
  ['legacy', {}],
  ['modern', {}],
  ['modern', { completion: { latency: [1000, 50_000], spoil: true } }],
])(
  'a page that was executed, and that a %s disk fills with another program %j, is executed as it is',
  async (virtio, options) => {
    expect(await printed({ virtio, ...options })).toBe(LETTERS);
  },
  120_000,
);
