/** A driver reports that it let go of a device, and the device's state does not agree. */
export class NotStoppedError extends Error {
  override readonly name = 'NotStoppedError';
}
