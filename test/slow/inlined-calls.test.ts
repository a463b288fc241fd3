import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { WasmModule } from '../../src/hosts/wasm/index.ts';
import { gceN1 } from '../../src/index.ts';
import { work } from './compiled-drivers.ts';

const INCLUDE = fileURLToPath(new URL('../../include/', import.meta.url));
const SMALL = { memory: { below4G: 16 << 20 } };

const HEADER = `#include "guestrig.h"
static inline void set_status(uint32_t io, uint32_t value) {
  out8(io + 18, value);
}
static inline void start(uint32_t io) {
  set_status(io, 0);
  set_status(io, 2);
}
`;
/** The loop is unrolled: its inlined functions have several ranges. */
const C = `#include "status.h"
GUESTRIG_EXPORT(attach) int attach(uint32_t bdf) {
  out32(0xcf8, 0x80000010u | bdf << 8);
  uint32_t io = in32(0xcfc) & ~3u;
  for (int i = 0; i < 3; i++) start(io);
  return 1;
}
`;
const RUST = `#![no_std]
#![no_main]
use guestrig::*;
struct Nic { io: u32 }
impl Nic {
  #[inline(always)]
  fn set_status(&self, value: u32) {
    out8(self.io + 18, value);
  }
  #[inline(always)]
  fn start(&self) {
    self.set_status(0);
    self.set_status(2);
  }
}
#[unsafe(no_mangle)]
pub extern "C" fn attach(bdf: u32) -> u32 {
  out32(0xcf8, 0x80000010 | bdf << 8);
  Nic { io: in32(0xcfc) & !3 }.start();
  1
}
`;

/** The frames of the finding about a status that has DRIVER alone. */
function framesOf(module: string): string[] {
  const nic = new WasmModule(readFileSync(join(work, module)), { name: module });
  const machine = gceN1(SMALL);
  machine.attach(nic.driver(({ device }) => device === 0x1000));
  const { stack } = machine.findings.find(({ clause }) => clause === 'virtio/INIT-D2')!;
  const lines = stack.split('\n').map((line) => line.trim().replaceAll(`${work}/`, ''));
  return lines.slice(0, 3);
}

function run(program: string, ...argv: readonly string[]): void {
  const { status, stderr } = spawnSync(program, argv, { cwd: work, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
}

test.each(['4', '5'])('functions of C that were inlined are frames of their own, by DWARF %s', (version) => {
  writeFileSync(join(work, 'status.h'), HEADER);
  writeFileSync(join(work, 'inlined.c'), C);
  run('clang', `@${INCLUDE}wasm32.flags`, `-I${INCLUDE}`, `-gdwarf-${version}`, '-o', 'c.wasm', 'inlined.c');

  expect(framesOf('c.wasm')).toEqual([
    expect.stringMatching(/^at set_status \(status\.h:3:\d+\)$/),
    'at start (status.h:7:3)',
    expect.stringMatching(/^at attach \(inlined\.c:5:\d+\)$/),
  ]);
});

test('so are functions of Rust', () => {
  writeFileSync(join(work, 'inlined.rs'), RUST);
  const options = [`@${INCLUDE}rustc.flags`, '-g'];
  const link = '-Clink-args=--import-memory --export=__heap_base --export-table -zstack-size=9437184';
  const library = [
    '--crate-type=rlib',
    '--crate-name=guestrig',
    '-o',
    'libguestrig.rlib',
    `${INCLUDE}guestrig.rs`,
  ];
  const driver = [
    '--crate-type=cdylib',
    '--extern',
    'guestrig=libguestrig.rlib',
    link,
    '-o',
    'rust.wasm',
    'inlined.rs',
  ];
  run('/usr/bin/rustc', ...options, ...library);
  run('/usr/bin/rustc', ...options, ...driver);

  expect(framesOf('rust.wasm')).toEqual([
    expect.stringMatching(/^at set_status \(inlined\.rs:8:\d+\)$/),
    expect.stringMatching(/^at start \(inlined\.rs:13:\d+\)$/),
    expect.stringMatching(/^at attach \(inlined\.rs:19:\d+\)$/),
  ]);
});
