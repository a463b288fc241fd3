/** QEMU's classes of errors. */
type ErrorClass = 'GenericError' | 'CommandNotFound' | 'DeviceNotFound';

/** A command that is refused; the message is its description. */
export class QmpError extends Error {
  readonly class: ErrorClass;

  constructor(description: string, kind: ErrorClass = 'GenericError') {
    super(description);
    this.class = kind;
  }
}
