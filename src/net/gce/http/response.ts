import { checkObject, checkWhole } from '../../../core/checks.ts';

/** An HTTP response. */
export interface HttpResponse {
  readonly status: number;
  /** Headers beside Content-Length and Connection. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** RFC 9110, 15; RFC 6585. */
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  411: 'Length Required',
  413: 'Content Too Large',
  414: 'URI Too Long',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** RFC 9112, 9.6: the server ends the connection behind it. */
export function closes({ headers = {} }: HttpResponse): boolean {
  return headers['Connection']?.toLowerCase() === 'close';
}

/** The bytes to send: the body is the response's own. @param isLast nothing follows. @throws MisuseError if invalid. */
export function partsOf(
  response: HttpResponse,
  isLast: boolean,
): { readonly head: Uint8Array; readonly body: Uint8Array } {
  checkObject('respond', response);
  const { status, headers = {}, body = '' } = response;
  checkWhole('respond.status', status, 100, 599);
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const told = {
    ...headers,
    'Content-Length': `${bytes.length}`,
    ...(isLast && !closes(response) ? { Connection: 'close' } : {}),
  };
  const lines = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Unknown'}`,
    ...Object.entries(told).map(([name, value]) => `${name}: ${value}`),
  ];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return { head, body: bytes };
}

/** The query string of a URL, as in `URLSearchParams`. */
export interface HttpQuery {
  /** The number of parameters, and the raw text. */
  readonly size: number;
  toString(): string;
  has(name: string): boolean;
  get(name: string): string | null;
  getAll(name: string): string[];
}

/** A parsed request (RFC 9112). */
export interface HttpRequest {
  readonly method: string;
  /** The path as sent, without the query string. */
  readonly path: string;
  readonly query: HttpQuery;
  /** By their names in lower case; the last of two with the same name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}
