/** A running QEMU as a machine to try drivers on, by its qtest protocol. */
export { QemuPort, type QemuPortOptions } from './port.ts';
