import type { HttpRequest } from './http-request.ts';

/** The first request in some bytes. */
interface FoundRequest {
  readonly request: HttpRequest;
  /** Its length in bytes. */
  readonly length: number;
  /** The client does not send another. */
  readonly isLast: boolean;
}

/** The request is incomplete: at least so many bytes are needed. */
interface Unfinished {
  readonly needs: number;
}

/** Limits for a legitimate request. */
const HEAD_MOST = 64 << 10;
const BODY_MOST = 1 << 20;
/** Of a head that is long all the same: fields, and characters of what is asked for. Kept in pieces both take many times their length. */
const FIELDS_MOST = 256;
const TARGET_MOST = 8192;
const HEAD_END = Buffer.from('\r\n\r\n');
const SIZE = /^\d{1,9}$/;

/** Whether the client waits for 100 Continue before it sends the body (RFC 9110, 10.1.1). */
export function expectsContinue(bytes: Buffer): boolean {
  const end = bytes.indexOf(HEAD_END);
  return end >= 0 && /^expect:[ \t]*100-continue[ \t]*$/im.test(bytes.toString('latin1', 0, end));
}

/** The first request; a status code if it is invalid. */
export function requestIn(bytes: Buffer): FoundRequest | Unfinished | number {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return bytes.length > HEAD_MOST ? 431 : { needs: bytes.length + 1 };
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const start = /^([!-~]+) ([!-~]+) HTTP\/1\.([01])$/.exec(first);
  if (lines.length > FIELDS_MOST) return 431;
  if (start !== null && start[2]!.length > TARGET_MOST) return 414;
  const headers = headersOf(lines);
  if (start === null || headers === null) return 400;
  if (headers.has('transfer-encoding')) return 411;
  const size = headers.get('content-length') ?? '0';
  if (!SIZE.test(size)) return 400;
  if (Number(size) > BODY_MOST) return 413;
  const length = end + HEAD_END.length + Number(size);
  if (length > bytes.length) return { needs: length };
  const [, method, target, minor] = start as unknown as [string, string, string, string];
  const connection = headers.get('connection')?.toLowerCase();
  return {
    request: {
      method,
      ...placeOf(target),
      headers,
      body: new Uint8Array(bytes.subarray(length - Number(size), length)),
    },
    length,
    isLast: connection === 'close' || (minor === '0' && connection !== 'keep-alive'),
  };
}

/** The path of a path or of a whole URL, as sent to a proxy. */
function placeOf(target: string): Pick<HttpRequest, 'path' | 'query'> {
  const rest = target.replace(/^http:\/\/[^/?]*/i, '');
  const at = rest.indexOf('?');
  const path = at < 0 ? rest : rest.slice(0, at);
  return { path: path === '' ? '/' : path, query: new URLSearchParams(at < 0 ? '' : rest.slice(at + 1)) };
}

function headersOf(lines: readonly string[]): ReadonlyMap<string, string> | null {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = /^([!-9;-~]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (match === null) return null;
    headers.set(match[1]!.toLowerCase(), match[2]!);
  }
  return headers;
}
