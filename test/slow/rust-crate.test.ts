import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { WasmModule } from '../../src/hosts/wasm/index.ts';
import { gceN1 } from '../../src/index.ts';
import { COM1 } from './compiled-drivers.ts';
import { workFolder } from './work-folder.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TARGET = 'wasm32-unknown-unknown';
/** What docs/wasm.md has a project of cargo's write into .cargo/config.toml. */
const CONFIG = /```toml\n(\[build\][^`]*)```/.exec(readFileSync(join(ROOT, 'docs/wasm.md'), 'utf8'))![1]!;

const folder = workFolder();

/** A project of cargo's whose driver is the example's; Debian's cargo and rustc, regardless of others. */
function build(features: string): { readonly said: string; readonly status: number | null } {
  mkdirSync(join(folder, 'src'), { recursive: true });
  mkdirSync(join(folder, '.cargo'), { recursive: true });
  copyFileSync(join(ROOT, 'examples/rust/uart.rs'), join(folder, 'src/lib.rs'));
  writeFileSync(join(folder, '.cargo/config.toml'), CONFIG);
  writeFileSync(
    join(folder, 'Cargo.toml'),
    `[package]
name = "uart"
version = "0.0.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]

[dependencies]
guestrig = { path = "${join(ROOT, 'include')}"${features} }

[profile.release]
panic = "abort"
debug = true
`,
  );
  const env = { ...process.env, RUSTC: '/usr/bin/rustc', CARGO_TARGET_DIR: join(folder, 'target') };
  const { stderr, status } = spawnSync('/usr/bin/cargo', ['build', '--release', '--offline'], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  return { said: stderr, status };
}

test('a driver in Rust takes the imports from the crate, by cargo', () => {
  const { said, status } = build('');

  expect([status, said]).toEqual([0, expect.not.stringContaining('warning')]);
  const module = new WasmModule(readFileSync(join(folder, 'target', TARGET, 'release/uart.wasm')), {
    name: 'uart.wasm',
  });
  const machine = gceN1({ memory: { below4G: 16 << 20 } });
  const uart = module.on(machine.port);
  uart.call('start', COM1);
  uart.call('print', COM1, new TextEncoder().encode('by cargo'));
  machine.port.wait(() => false, 1_000_000);
  expect(machine.serial[0]!.text).toBe('by cargo');
});

test('a driver with a panic handler of its own does without the one of the crate', () => {
  const { said, status } = build(', default-features = false');

  expect([status, said]).toEqual([101, expect.stringContaining('`#[panic_handler]` function required')]);
});
