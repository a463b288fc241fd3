import { describe, expect, test } from 'vitest';
import { SUITE } from '../conformance/index.ts';
import { bytesOf, HEAP, MEMORY } from '../hosts/wasm/rig.ts';
import { guestrig, inFolderOf } from './rig.ts';

const [FIRST, SECOND] = [SUITE[0]!.name, SUITE[1]!.name];
const OUT = '(import "guestrig" "out8" (func $out (param i32 i32)))';
const driver = (code: string) => bytesOf(`${OUT} ${MEMORY} ${HEAP} ${code}`);
const run = (code: string) => driver(`(func (export "run") ${code})`);
const to = (port: number, value: number) => `(call $out (i32.const ${port}) (i32.const ${value}))`;
const LOOP = '(loop $l (br $l))';
const MATCHES = `(func (export "matches") (param i32 i32) (result i32)
  (i32.eq (i32.add (i32.shl (local.get 0) (i32.const 16)) (local.get 1)) (i32.const 0x1af41000)))`;
const ATTACH = `(func (export "attach") (param i32) (result i32) ${to(0x3ff, 1)} (i32.const 1))`;

inFolderOf({
  'good.wasm': run(to(0x3fb, 3)),
  'hasty.wasm': run(`${to(0x3fb, 3)} ${to(0x3f8, 97)} ${to(0x3f8, 98)}`),
  'nic.wasm': driver(MATCHES + ATTACH),
  'unbound.wasm': driver(`(func (export "matches") (param i32) (result i32) (i32.const 0)) ${ATTACH}`),
  'text.wasm': 'a text',
  'empty.wasm': '',
  'none.wasm': driver('(func (export "send"))'),
  'unsaid.wasm': driver(ATTACH),
  'libc.wasm': bytesOf(`(import "env" "printf" (func)) ${MEMORY} ${HEAP}`),
  'flags.wasm': bytesOf(`${MEMORY} (func (export "run"))`),
  'trap.wasm': run('unreachable'),
  'idle.wasm': run(''),
  'loop.wasm': run(LOOP),
  'start.wasm': driver(`(func (export "_initialize") ${LOOP}) ${MATCHES} ${ATTACH}`),
});

describe('a driver in WebAssembly', () => {
  test.each(['good.wasm', 'nic.wasm'])('%s is played, and conforms', async (file) => {
    const { status, out } = await guestrig('conform', file, '--scenario', FIRST, '--seed', '1-2');

    expect(out).toMatch(new RegExp(`^guestrig {2}${file} on gce-n1, 1 scenario, seeds 1 to 2\n`));
    expect(status).toBe(0);
  });

  test('that breaks a clause has the clause named', async () => {
    const { status, out } = await guestrig('conform', 'hasty.wasm', '--scenario', FIRST);

    expect(status).toBe(1);
    expect(out).toContain('uart/THR-FULL  ttyS0\n  wrote 0x');
    expect(out).toMatch(/\nhasty\.wasm does not conform: 1 clause fails\.\n$/);
  });

  test.each([
    ['trap.wasm', 'stopped  WasmDriverError: trap.wasm: run trapped: unreachable\n'],
    ['idle.wasm', 'stopped  IdleModelError: idle.wasm used nothing: it made no access\n'],
    ['unbound.wasm', 'stopped  IdleModelError: unbound.wasm bound nothing: no driver of it matches one of '],
  ])('%s is stopped, with a line that says by what', async (file, line) => {
    const { status, out } = await guestrig('conform', file, '--scenario', FIRST);

    expect(status).toBe(1);
    expect(out).toContain(line);
  });

  test('that never returns is ended in each scenario at its time limit', async () => {
    const argv = ['--scenario', FIRST, '--scenario', SECOND, '--host-time', '120', '--jobs', '1'];

    const { status, out } = await guestrig('conform', 'loop.wasm', ...argv);

    expect(status).toBe(1);
    expect(out).toMatch(
      /^stopped {2}HostTimeError: did not return within 120 ms of the host's time, [^\n]+\n {2}in "[^"]+", seed 1, and 1 more run\n/m,
    );
    expect(out).not.toContain('not called');
    expect(out).not.toContain('not played');
  });
});

describe('a module that is not a driver is refused in one line', () => {
  test.each([
    ['text.wasm', /^driver text\.wasm: is no WebAssembly module: [^\n]+\n$/],
    ['empty.wasm', /^driver empty\.wasm: is no WebAssembly module: [^\n]+\n$/],
    ['none.wasm', 'exports neither attach nor run, so there is nothing to be judged'],
    ['unsaid.wasm', 'has no export "matches", which says what PCI functions it takes'],
    ['libc.wasm', 'imports the function env.printf, which the host does not provide'],
    ['flags.wasm', 'does not export __heap_base: link it with --export=__heap_base'],
    ['start.wasm', '_initialize made no access for 1000 ms, and did not return'],
    ['gone.wasm', 'no such file'],
  ])('%s', async (file, line) => {
    const said = typeof line === 'string' ? `driver ${file}: ${line}\n` : expect.stringMatching(line);

    expect(await guestrig('conform', file)).toEqual({ status: 2, out: '', err: said });
  });
});
