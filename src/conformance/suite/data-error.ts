/** What a driver moved is not what was to be moved: other bytes, another number of frames. */
export class DataError extends Error {
  override readonly name = 'DataError';
}
