import { expect, test } from 'vitest';
import { refusalOf } from './file-errors.ts';

const hostError = (code: string) => Object.assign(new Error(code), { code });

// Errors that a test run by root, on a disk with free space, does not cause.
test.each([
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'is in a read-only file system'],
  ['EMFILE', 'too many files are open'],
  ['EIO', 'the host says EIO'],
])('%s is reported as: %s', (code, said) => {
  expect(refusalOf(hostError(code))).toBe(said);
});
