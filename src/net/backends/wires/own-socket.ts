import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { MisuseError } from '../../../core/misuse.ts';

const OWN_SOCKET = 0o600;
const OWN_FOLDER = 0o700;
/** File permissions of other users. */
const OTHERS = 0o077;

/** The part of `net.Server` that is used. */
interface Listener {
  readonly listening: boolean;
  listen(path: string): unknown;
  once(event: 'listening' | 'error', told: (error: Error) => void): unknown;
}

/** Makes `server` listen at a path to which no other user can connect. Rejects if that is impossible. */
export async function listenAtOwn(server: Listener, path: string): Promise<void> {
  const listens = new Promise<void>((resolve, reject) => {
    server.once('listening', () => resolve());
    server.once('error', reject);
  });
  server.listen(path);
  // It exists at once, or belongs to another process.
  if (server.listening) chmodSync(path, OWN_SOCKET);
  await listens;
}

/** Makes a folder that no other user can enter, unless it exists. @throws MisuseError for another user's folder. */
export function ownFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: OWN_FOLDER });
  const made = lstatSync(path);
  if (made.uid !== userInfo().uid || (made.mode & OTHERS) !== 0 || !made.isDirectory())
    throw new MisuseError('sharedHub', path, 'a folder of your own, which no other user may enter');
  return path;
}
