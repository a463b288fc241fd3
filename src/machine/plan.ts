import { Clock } from '../core/clock.ts';
import { MisuseError } from '../core/misuse.ts';
import { KEPT_BYTES } from '../serial/endpoint.ts';
import { type PlannedDevice, planDevices } from './devices/index.ts';
import { firmwareChoice, fwCfgFiles } from './firmware-option.ts';
import { planKvm } from './kvm.ts';
import type { MachinePlan, RamPlan } from './machine-plan.ts';
import { type CheckedOptions, checkOptions, type MachineOptions } from './options.ts';
import type { Profile } from './profile.ts';
import { DATE_DEFAULT } from './rtc-contents.ts';
import { planVirtio } from './virtio-options.ts';

const RAM_DEFAULT = 128 << 20;
const ACCESS_TIME_DEFAULT = 1000;
export const PATIENCE_DEFAULT = 1_000_000;

/** A machine that is to be built: profile and options, resolved once. */
export interface Plan {
  readonly machine: MachinePlan;
  readonly devices: readonly PlannedDevice[];
}

/** @throws MisuseError for an option that is wrong, before anything is opened. */
export function planFor(profile: Profile, options: MachineOptions): Plan {
  const given = checkOptions(options);
  const machine = planMachine(profile, given, options);
  return { machine, devices: planDevices(given, machine) };
}

function planMachine(profile: Profile, given: CheckedOptions, asked: MachineOptions): MachinePlan {
  const { seed = 1, vcpus = 1, maxCpus = vcpus, cpuid = profile.cpuid, firmwareDate: released } = given;
  const { judge = true, fwCfg = false, date = DATE_DEFAULT } = given;
  const { clock = new Clock(), accessTime = ACCESS_TIME_DEFAULT, patience = PATIENCE_DEFAULT } = given;
  if (maxCpus < vcpus) throw new MisuseError('maxCpus', maxCpus, `at least as many as there are, ${vcpus}`);
  return {
    profile,
    asked,
    seed,
    vcpus,
    maxCpus,
    cpuid,
    kvm: planKvm(given.kvm, { profile, vcpus, cpuid }),
    released,
    firmware: firmwareChoice(profile.firmware.kind, given.firmware),
    clock,
    accessTime,
    patience: patience === false ? Number.POSITIVE_INFINITY : patience,
    ram: planRam(given.memory),
    serial: planSerial(given.serial, profile),
    virtio: planVirtio(given, profile),
    judge: judge !== false,
    stores: typeof judge === 'object' ? judge.stores !== false : judge,
    stack: typeof judge === 'object' ? judge.stack !== false : judge,
    fwCfg: fwCfgFiles(fwCfg),
    date,
  };
}

/** @throws MisuseError for an option of the other kind of UART. */
function planSerial(
  { pace, fifo, irqs, whole, keep = KEPT_BYTES }: NonNullable<CheckedOptions['serial']> = {},
  { serialIrqs, express }: Profile,
): MachinePlan['serial'] {
  const strange = express === null ? { whole } : { fifo, irqs };
  for (const [name, value] of Object.entries(strange))
    if (value !== undefined) throw new MisuseError(`serial.${name}`, value, 'left out on this machine');
  return { pace, fifo, whole, irqs: irqs ?? serialIrqs, keep };
}

function planRam(given: CheckedOptions['memory'] = {}): RamPlan {
  const { below4G = RAM_DEFAULT, above4G = 0, driversAbove4G = false, buffer, staging } = given;
  if (driversAbove4G && above4G <= below4G)
    throw new MisuseError(
      'memory.above4G',
      above4G,
      `more than below4G (${below4G}), as driversAbove4G needs`,
    );
  return { below4G, above4G, driversAbove4G, buffer, staging, again: false };
}
