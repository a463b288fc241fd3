/** A driver had all the virtual time that it was given, and was not done. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}
