import { MisuseError } from '../../../core/misuse.ts';
import { isOn, type Properties, propertiesOf } from './properties.ts';

/** The address of a client, or where it connects. */
export type Channel =
  | { readonly kind: 'unix'; readonly path: string; readonly server: boolean }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly server: boolean }
  /** Two FIFOs, `path`.in and `path`.out, as seen from here. */
  | { readonly kind: 'pipe'; readonly path: string }
  | { readonly kind: 'stdio' }
  | { readonly kind: 'fd'; readonly fd: number };

const EXPECTED =
  'unix:PATH, tcp:HOST:PORT, pipe:PATH or stdio, or chardev:ID (of a server with ,server=on behind it)';
const PORT_MAX = 0xffff;

/**
 * `unix:PATH`, `tcp:HOST:PORT`, `pipe:PATH`, `stdio`, each with `,server=on` and the like behind it, or `chardev:ID`.
 *
 * @throws MisuseError for anything else.
 */
export function channelOf(option: string, text: string, chardevs: ReadonlyMap<string, Properties>): Channel {
  const { address = '', ...rest } = propertiesOf(option, text, 'address');
  const at = address.indexOf(':');
  const [kind, where] = at < 0 ? [address, ''] : [address.slice(0, at), address.slice(at + 1)];
  const server = isServer(rest);
  if (kind === 'unix' && where !== '') return { kind, path: where, server };
  if (kind === 'tcp') return tcp(option, where, server);
  if (kind === 'pipe' && where !== '') return { kind, path: where };
  if (kind === 'stdio') return { kind };
  if (kind === 'chardev') return chardevChannel(option, where, chardevs);
  throw new MisuseError(option, text, EXPECTED);
}

/** The `-chardev` with the name `id`. */
export function chardevChannel(
  option: string,
  id: string,
  chardevs: ReadonlyMap<string, Properties>,
): Channel {
  const given = chardevs.get(id);
  if (given === undefined) throw new MisuseError(option, id, 'the id of a -chardev');
  const { backend, path, host = 'localhost', port, fd } = given;
  const server = isServer(given);
  if (backend === 'stdio') return { kind: 'stdio' };
  if (backend === 'pipe' && path !== undefined) return { kind: 'pipe', path };
  if (backend === 'socket' && path !== undefined) return { kind: 'unix', path, server };
  if (backend === 'socket' && fd !== undefined) return { kind: 'fd', fd: Number(fd) };
  if (backend === 'socket' && port !== undefined) return tcp(option, `${host}:${port}`, server);
  throw new MisuseError(option, id, 'a chardev that is a socket, a pipe or stdio');
}

/** The older spellings: without a value, and `nowait` for `wait=off`. */
function isServer({ server }: Properties): boolean {
  return isOn(server);
}

function tcp(option: string, where: string, server: boolean): Channel {
  const at = where.lastIndexOf(':');
  const port = Number(where.slice(at + 1));
  if (at < 0 || !/^\d+$/.test(where.slice(at + 1)) || port > PORT_MAX)
    throw new MisuseError(option, where, 'HOST:PORT');
  const host = where.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  return { kind: 'tcp', host: host === '' ? (server ? '0.0.0.0' : 'localhost') : host, port, server };
}
