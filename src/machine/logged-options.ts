import * as v from 'valibot';
import { LOGGED_DEVICE_OPTIONS } from './devices/index.ts';
import { checked, fieldsOf, object, only } from './option-kinds.ts';
import { type MachineOptions, memory, OWN_OPTIONS } from './options.ts';
import { VIRTIO_OPTIONS } from './virtio-options.ts';

/** Logs are untrusted, and a guest may write to all of its RAM: any host can spare this much. */
export const LOGGED_RAM = 4 * 2 ** 30;
const RAM = 'at most 4 GiB, as all RAM of a log';

const { below4G, above4G, driversAbove4G } = fieldsOf(memory);

/**
 * The machine options that a log may set: those that its guest could see. Each field is named here or by a device's
 * descriptor; none is a file, a socket or a program, and none takes more of a host than any host has.
 */
export const LOGGED_OPTIONS = object({
  ...only(OWN_OPTIONS, 'seed', 'vcpus', 'maxCpus', 'cpuid', 'firmwareDate', 'firmware', 'accessTime', 'date'),
  ...only(OWN_OPTIONS, 'patience', 'serial', 'judge', 'fwCfg'),
  memory: v.optional(
    v.pipe(
      object({ below4G, above4G, driversAbove4G }),
      v.check(({ below4G = 0, above4G = 0 }) => below4G + above4G <= LOGGED_RAM, RAM),
    ),
  ),
  ...VIRTIO_OPTIONS,
  ...LOGGED_DEVICE_OPTIONS,
});

/**
 * Checks options that a log has.
 *
 * @throws MisuseError as `checkOptions`, and for options that a log may not set.
 */
export function checkLoggedOptions(options: unknown): MachineOptions {
  return checkLogged(LOGGED_OPTIONS, options) as MachineOptions;
}

/** As `checked`, for anything that a log holds. */
export function checkLogged<Schema extends v.GenericSchema>(
  schema: Schema,
  given: unknown,
): v.InferOutput<Schema> {
  return checked(schema, given, 'what a log may name');
}
