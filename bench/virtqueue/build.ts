import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { PeerKind } from './peer.ts';

const OUT = '.cache/bench/peers';
/** Where Debian's librust-*-dev packages install their sources. */
const DEBIAN_CRATES = '/usr/share/cargo/registry';

/** The peers available on this machine, built. Run from the repository's root. */
export function findPeers(): PeerKind[] {
  mkdirSync(OUT, { recursive: true });
  const rings = ['split', 'packed'] as const;
  return [
    { peer: 'guestrig', build: 'plain', rings, heap: true, command: nodePeer('guestrig', 'plain') },
    { peer: 'guestrig', build: 'wasm', rings, heap: true, command: nodePeer('guestrig', 'wasm') },
    {
      peer: 'guestrig',
      build: 'batch',
      rings: ['split'],
      heap: true,
      command: nodePeer('guestrig', 'batch'),
    },
    { peer: 'c', build: 'native', rings, heap: false, ...leanC() },
    { peer: 'rust-vmm', build: 'native', rings: ['split'], heap: false, ...rustVmm() },
    { peer: 'v86', build: 'shipped', rings: ['split'], heap: true, ...v86() },
  ];
}

type Built = Pick<PeerKind, 'command' | 'missing'>;

function leanC(): Built {
  const compiler = ['gcc', 'clang'].find((name) => output(name, '--version') !== null);
  if (compiler === undefined) return { command: null, missing: 'neither gcc nor clang is installed' };
  const binary = join(OUT, 'lean-c');
  const name = output(compiler, '--version')!.split('\n')[0]!;
  const flags = ['-O3', `-DCOMPILER="${name} -O3"`];
  execFileSync(compiler, [...flags, '-o', binary, 'bench/peers/c/main.c']);
  return { command: [binary] };
}

function rustVmm(): Built {
  if (output('cargo', '--version') === null) return { command: null, missing: 'cargo is not installed' };
  const crate = existsSync(DEBIAN_CRATES)
    ? readdirSync(DEBIAN_CRATES).find((name) => name.startsWith('virtio-queue-'))
    : undefined;
  if (crate === undefined)
    return { command: null, missing: "Debian's librust-virtio-queue-dev is not installed" };
  // Built outside the tree: the lock file depends on this Debian's packages.
  const folder = join(OUT, 'rust');
  cpSync('bench/peers/rust', folder, { recursive: true });
  const registry = [
    'source.crates-io.replace-with="debian"',
    `source.debian.directory="${DEBIAN_CRATES}"`,
  ].flatMap((setting) => ['--config', setting]);
  execFileSync('cargo', ['build', '--offline', '--release', '--quiet', ...registry], {
    cwd: folder,
    env: { ...process.env, VIRTIO_QUEUE_VERSION: crate.replace('virtio-queue-', '') },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { command: [join(folder, 'target/release/rust-vmm-peer')] };
}

function v86(): Built {
  try {
    createRequire(`${process.cwd()}/`).resolve('v86');
    return { command: nodePeer('v86') };
  } catch {
    return { command: null, missing: 'the npm package v86 is not installed' };
  }
}

function nodePeer(name: string, ...args: readonly string[]): string[] {
  return [process.execPath, `.cache/bench/bench/peers/${name}.js`, ...args];
}

function output(program: string, ...args: readonly string[]): string | null {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
}
