/** A driver says that it let go of a device, and the device is not as it was to be. */
export class NotStoppedError extends Error {
  override readonly name = 'NotStoppedError';
}
