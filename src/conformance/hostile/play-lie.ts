import type { GuestPort } from '../../core/guest-port.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { PATIENCE_DEFAULT } from '../../machine/plan.ts';
import type { RamAccess } from '../../machine/ram-access.ts';
import { BLOCK } from '../../media/medium.ts';
import { judgeReport } from '../../rules/guest-report.ts';
import { HARD_IDS } from '../../rules/index.ts';
import { GSO_FRAME_MAX } from '../../virtio/net/registers.ts';
import { attempt, outcomeOf } from '../host/attempt.ts';
import { OutOfTimeError } from '../host/errors.ts';
import { Overrun } from '../host/within.ts';
import type { DriverModel } from '../model/model.ts';
import type { DriverUses } from '../model/uses.ts';
import { FRAME } from '../reference.ts';
import { type Fixture, fixtureOf } from '../scenarios/fixture.ts';
import { plain } from '../scenarios/scenario.ts';
import { devicesOf } from '../scenarios/stop-surely.ts';
import { compactVerdicts } from '../suite/compact-verdicts.ts';
import type { CheckedOptions } from '../suite/options.ts';
import { begun, type PlayedRun, runOf } from '../suite/play.ts';
import { CrashWatch, crashOf } from './crash-watch.ts';
import type { Lie } from './lie.ts';
import { ActiveLie } from './lie.ts';
import { lieInRam, lyingRegisters } from './lying-card.ts';
import { lieOfNvme, lyingNvme } from './lying-nvme.ts';
import { LyingPort, LyingRings } from './lying-port.ts';

/** How often a driver is used; and virtual nanoseconds between. */
const [USES, A_WHILE] = [3, 1_000_000];
/** A driver that gives up after a timeout may do so many times. */
const PATIENCE = 100;
const [FRAMES, BLOCKS] = [4, 2];

/** All that lies to one driver. */
interface LieRun {
  readonly active: ActiveLie;
  readonly crashes: CrashWatch;
  readonly rings: readonly LyingRings[];
  readonly port: GuestPort;
}

/** Plays a driver against one lie. Its verdicts are on that, and on nothing else: what it does otherwise is not judged. */
export function playLie(
  model: DriverModel,
  lie: Lie,
  seed: number,
  { profile, machine: base, time, hostTime }: CheckedOptions,
): PlayedRun {
  const { compact, ...facts } = outcomeOf(hostTime, (effort) => {
    const { machine, spent } = begun({ profile, time: time * PATIENCE }, seed, optionsFor(lie, base));
    limitAccesses(machine, base.patience ?? PATIENCE_DEFAULT);
    const lieRun = lieRunFor(machine, lie, seed);
    return attempt(
      machine,
      lyingModel(model, lieRun.port),
      effort,
      (run, theirs) => use(fixtureOf(run, theirs), model, lieRun),
      (_run, stopped) => {
        if (stopped instanceof Overrun)
          lieRun.crashes.crashed({ said: 'it computed for ever, and made no access', stack: '' });
        tellOf(machine, lie, lieRun);
        const verdicts = compactVerdicts(machine.journal, new Set(HARD_IDS));
        return { compact: verdicts, scenario: lie.name, seed, stopped: null, ...spent() };
      },
    );
  });
  // That it had to be ended is told by the verdict.
  return runOf({ ...facts, stopped: null, suspected: null }, compact);
}

/** The machine of a lie. */
export function optionsFor({ options }: Lie, base: MachineOptions): MachineOptions {
  const { nics: [nic] = [], ...rest } = plain(base);
  const usual = { ...rest, nics: [{ ...nic, backend: 'loopback' as const }], judge: { stores: false } };
  return options?.(usual) ?? usual;
}

/** A guest that follows a lie may make progress for ever: each access after this many throws. Good drivers make 30,000. */
function limitAccesses(machine: Machine, most: number | false): void {
  if (most === false) return;
  const { userCalls } = machine.chassis.board.clock;
  let accesses = 0;
  machine.observe({
    begin: () => {
      if (++accesses > most) userCalls.keep(new OutOfTimeError(`not done after ${most} accesses`));
    },
    end: () => {},
  });
}

function lieRunFor(machine: Machine, lie: Lie, seed: number): LieRun {
  const active = new ActiveLie(lie, seed);
  const lying = new LyingPort(machine, active);
  const port = lyingNvme(machine, lyingRegisters(machine, lying.port, active), active);
  const crashes = new CrashWatch(machine, port, () => active.told > 0);
  lieInRam(machine, active);
  lieOfNvme(machine, active);
  (machine.port.memory as RamAccess).tap = crashes;
  const rings = devicesOf(machine).map(({ device }) => {
    const ring = new LyingRings(device, active);
    device.watch(ring);
    if (lie.lentTwiceIsCrash)
      ring.onLentTwice = () =>
        crashes.crashed({ said: 'it lent a buffer that the device still has', stack: '' });
    return ring;
  });
  return { active, crashes, rings, port: crashes.port };
}

/** The model with the port that lies in place of the machine's own. */
function lyingModel(model: DriverModel, port: GuestPort): DriverModel {
  const { enumerate, drivers, run, use = {} } = model;
  const uses = Object.entries(use).map(([name, does]) => [
    name,
    // Behind its own arguments and the handles comes the port.
    (...given: unknown[]) => (does as (...all: unknown[]) => unknown).apply(use, given.with(-2, port)),
  ]);
  return {
    ...model,
    ...(enumerate !== undefined && { enumerate: () => enumerate.call(model, port) }),
    ...(drivers !== undefined && {
      drivers: drivers.map((driver) => ({
        name: driver.name,
        matches: (id) => driver.matches(id),
        attach: (_port, bdf) => driver.attach(port, bdf),
      })),
    }),
    ...(run !== undefined && { run: (_port, handles, machine) => run.call(model, port, handles, machine) }),
    use: Object.fromEntries(uses),
  };
}

/** Uses a driver in all ways that its model has, as long as it bears the lie; then all of it again, once reloaded. */
function use(fixture: Fixture, { use = {} }: DriverModel, lieRun: LieRun): void {
  const bears = (act: () => unknown): boolean => {
    if (lieRun.crashes.first !== null) return false;
    try {
      act();
      return true;
    } catch (error) {
      lieRun.crashes.crashed(crashOf(error));
      return false;
    }
  };
  if (bears(() => fixture.start())) exercise(fixture, use, lieRun, bears);
  if (use.stop === undefined || !bears(() => fixture.stop())) return;
  if (bears(() => fixture.start())) bears(() => fixture.use());
}

function exercise(
  fixture: Fixture,
  { send, receive, read, write }: DriverUses,
  { crashes, rings }: LieRun,
  bears: (act: () => unknown) => boolean,
): void {
  const { machine } = fixture;
  const takes = () => {
    // A gVNIC's driver gives buffers for more than any frame has.
    const most = machine.nics.some(({ type }) => type === 'gvnic')
      ? GSO_FRAME_MAX
      : Math.max(...rings.map(({ longestFrame }) => longestFrame));
    const long = fixture.receive().find(({ length }) => length > most);
    if (long !== undefined)
      crashes.crashed({
        said: `it gave a frame of ${long.length} bytes, and lent ${most} at most`,
        stack: '',
      });
  };
  for (let i = 0; i < USES; i++) {
    bears(() => fixture.use());
    for (let frame = 0; frame < FRAMES; frame++) {
      machine.nics[0]?.receive(FRAME);
      if (send !== undefined) bears(() => fixture.send(FRAME));
      bears(() => machine.port.wait(() => false, A_WHILE));
      if (receive !== undefined) bears(takes);
    }
    if (read !== undefined) bears(() => fixture.read(i, BLOCKS));
    if (write !== undefined) bears(() => fixture.write(i, new Uint8Array(BLOCK)));
  }
}

function tellOf(machine: Machine, { clause }: Lie, { active, crashes }: LieRun): void {
  if (active.told === 0) return;
  const { said = null, stack = '' } = crashes.first ?? {};
  judgeReport(machine.journal, {
    of: 'hard',
    what: { subject: 'the driver', lie: clause, fall: said, stack },
  });
}
