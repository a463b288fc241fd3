/** A driver moved wrong data: other bytes, another number of frames. */
export class DataError extends Error {
  override readonly name = 'DataError';
}
