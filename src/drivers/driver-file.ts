import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { checkModel } from '../conformance/checks.ts';
import { HOST_TIME } from '../conformance/host/attempt.ts';
import type { DriverModel } from '../conformance/index.ts';
import type { Driver } from '../core/driver.ts';
import { WasmDriverError, WasmModule } from '../hosts/wasm/index.ts';
import { inside, reaching, wrongFile } from '../media/file-errors.ts';

const KIND = 'driver';

/** Exports that may be the driver; the first one present is used. */
const NAMES = ['default', 'model', 'driver'] as const;

const SHAPES = 'a model ({ name, drivers, run }) or a driver ({ name, matches, attach })';

const TYPESCRIPT = /\.[cm]?ts$/;

/** Part of Node's message about a TypeScript file that it, or an import of it, cannot load. */
const UNKNOWN_TYPESCRIPT = /"\.[cm]?ts"/;

/**
 * The driver that a module of the user's exports. A driver alone becomes a model that only attaches it. One of
 * WebAssembly itself selects its functions.
 *
 * @param hostTime milliseconds of a processor for which a WebAssembly driver may make no access while it is loaded.
 * @throws MisuseError in one line if the module cannot be loaded, or exports none.
 */
export async function modelOf(path: string, hostTime = HOST_TIME): Promise<DriverModel> {
  const stat = reaching(KIND, path, () => statSync(path));
  if (!stat.isFile()) throw wrongFile(KIND, path, 'is no file');
  return isWebAssembly(path) ? compiledModel(path, hostTime) : exportedModel(path);
}

export function isWebAssembly(path: string): boolean {
  return /\.wasm$/i.test(path);
}

function compiledModel(path: string, timeout: number): DriverModel {
  const bytes = reaching(KIND, path, () => readFileSync(path));
  try {
    return checkModel(new WasmModule(bytes, { name: path, timeout }).model());
  } catch (error) {
    throw error instanceof WasmDriverError ? wrongFile(KIND, path, error.what) : error;
  }
}

async function exportedModel(path: string): Promise<DriverModel> {
  const exported = exportsOf(await load(path));
  const found = NAMES.map((name) => exported[name]).find((one) => one !== undefined);
  if (typeof found !== 'object' || found === null)
    throw wrongFile(KIND, path, `exports no driver: default, model or driver is to be ${SHAPES}`);
  const model = isDriver(found) ? { name: nameOf(found, path), drivers: [found] } : found;
  if (!['drivers', 'run', 'enumerate', 'use'].some((part) => part in model))
    throw wrongFile(KIND, path, `what it exports is not ${SHAPES}`);
  return inside(KIND, path, () => checkModel(model));
}

async function load(path: string): Promise<Record<string, unknown>> {
  const file = resolve(path);
  try {
    if (TYPESCRIPT.test(file)) await readTypescript(file);
    return await import(/* @vite-ignore */ pathToFileURL(file).href);
  } catch (error) {
    throw wrongFile(KIND, path, refusalOf(error, file));
  }
}

/** Through tsx, if the driver's project has it: it resolves imports of `.js` that are `.ts`. Else by Node. */
async function readTypescript(file: string): Promise<void> {
  const { resolve } = createRequire(file);
  let tsx: string;
  let api: string;
  try {
    tsx = resolve('tsx');
    api = resolve('tsx/esm/api').replace(/cjs$/, 'mjs');
  } catch {
    return;
  }
  await import(/* @vite-ignore */ pathToFileURL(tsx).href);
  // tsx alone reads only for the main thread if Node has no registerHooks, as 20 does not.
  if (isMainThread || 'registerHooks' in module) return;
  const { register } = await import(/* @vite-ignore */ pathToFileURL(api).href);
  register();
}

function refusalOf(error: unknown, file: string): string {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return `this Node reads no such file${UNKNOWN_TYPESCRIPT.test(message) ? ': npm install --save-dev tsx' : ''}`;
  const line = error instanceof SyntaxError ? tornLine(file) : undefined;
  return `cannot be loaded${line === undefined ? '' : `, line ${line}`}: ${error}`;
}

/** Node prints the line of a syntax error to a terminal, but the error does not have it. */
function tornLine(file: string): string | undefined {
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' });
  return /^(?:file:)?\/.*:(\d+)\n/.exec(stderr)?.[1];
}

/** For a CommonJS module from TypeScript, `default` has all of its exports. */
function exportsOf(loaded: Record<string, unknown>): Record<string, unknown> {
  const inner = loaded.default as Record<string, unknown> | null | undefined;
  return inner?.__esModule === true ? inner : loaded;
}

function isDriver(found: object): found is Driver<unknown> {
  return 'matches' in found && 'attach' in found;
}

function nameOf({ name }: { readonly name?: unknown }, path: string): string {
  return typeof name === 'string' ? name : path;
}
