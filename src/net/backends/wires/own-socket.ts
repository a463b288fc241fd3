import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { MisuseError } from '../../../core/misuse.ts';

const OWN_SOCKET = 0o600;
const OWN_FOLDER = 0o700;
/** Rights of other users. */
const OTHERS = 0o077;

/** What is used of a `net.Server`. */
interface Listener {
  readonly listening: boolean;
  listen(path: string): unknown;
  once(event: 'listening' | 'error', told: (error: Error) => void): unknown;
}

/** Has `server` listen at a path to which no other user connects. It rejects where that is not possible. */
export async function listenAtOwn(server: Listener, path: string): Promise<void> {
  const listens = new Promise<void>((resolve, reject) => {
    server.once('listening', () => resolve());
    server.once('error', reject);
  });
  server.listen(path);
  // It is there at once, or is somebody else's.
  if (server.listening) chmodSync(path, OWN_SOCKET);
  await listens;
}

/** Makes a folder that no other user can enter, unless it is there. @throws MisuseError for one that another user made. */
export function ownFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: OWN_FOLDER });
  const made = lstatSync(path);
  if (made.uid !== userInfo().uid || (made.mode & OTHERS) !== 0 || !made.isDirectory())
    throw new MisuseError('sharedHub', path, 'a folder of your own, which no other user may enter');
  return path;
}
