/**
 * A running QEMU as a machine to try drivers on, by its qtest protocol.
 *
 * @experimental All of it: a minor version may change each name.
 */
export { QemuPort, type QemuPortOptions } from './port.ts';
