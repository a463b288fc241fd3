/** A test of a driver, in JavaScript: its entries must share their classes. */
export const USE = `
import { gceN1, MisuseError } from 'guestrig';
import { judge } from 'guestrig/conformance';
import { VirtioDriver, virtioNet } from 'guestrig/guest';

const machine = gceN1({ nics: [{ backend: 'loopback' }] });
const nic = machine.attach(virtioNet());
nic.send(new Uint8Array(60).fill(7));
function disposes(machine) {
  machine[Symbol.dispose]();
  try {
    machine.reset('hard');
  } catch (error) {
    return error instanceof MisuseError;
  }
}
let misuse = null;
try {
  judge(7);
} catch (error) {
  misuse = error;
}
console.log(JSON.stringify({
  sent: machine.nics[0].sent.length,
  findings: machine.findings.length,
  disposed: disposes(machine),
  shared: nic.card.device instanceof VirtioDriver,
  misuse: misuse instanceof MisuseError,
}));
`;

/** A test of a driver, with types: intended uses compile, others do not. */
export const TYPED = `
import { type Driver, type GuestPort, gceN1, judge, type MachineOptions } from 'guestrig';

class Mine {
  readonly port: GuestPort;
  constructor(port: GuestPort) {
    this.port = port;
  }
}
const driver: Driver<Mine> = { name: 'mine', matches: ({ vendor }) => vendor === 0x1af4, attach: (port) => new Mine(port) };
const options: MachineOptions = { seed: 7, nics: [{ backend: 'loopback' }], disks: [{ bytes: 1 << 20 }] };
const machine = gceN1(options);
export const sent: readonly Uint8Array[] = machine.nics[0]!.sent;
export const mine: Mine = machine.attach(driver);
export const clauses: string[] = judge({ name: 'mine', drivers: [driver] }).verdicts.map(({ clause }) => clause);
// @ts-expect-error a seed is a number
gceN1({ seed: '7' });
// @ts-expect-error there is no such option
gceN1({ sead: 7 });
// @ts-expect-error a backend has a name, or is an object
gceN1({ nics: [{ backend: 7 }] });
`;

export const STREAMS = `
import { gceN1, serialStream } from 'guestrig';

const terminal = serialStream(gceN1().serial[0]!);
terminal.pipe(process.stdout);
process.stdin.pipe(terminal);
terminal.on('data', (chunk: Uint8Array) => chunk.length);
terminal.write('root\\n');
terminal.destroy();
`;

/** With the library that defines `using`. */
export const DISPOSED = `
import { gceN1 } from 'guestrig';
import { V86Host } from 'guestrig/hosts/v86';

using machine = gceN1();
await using host = await V86Host.create(machine, { kernel: new Uint8Array(512) });
export const { now } = host.machine;
`;

export function typesConfig(module: string, lib: string, types: readonly string[]): string {
  const compilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    module,
    moduleResolution: module === 'nodenext' ? 'nodenext' : 'bundler',
    target: 'es2022',
    lib: lib.split(' '),
    types,
  };
  return JSON.stringify({ compilerOptions, files: ['use.ts'] });
}
