import type { Nanos } from '../../../core/bits.ts';
import type { Clock, Timer } from '../../../core/clock.ts';
import { sha256 } from '../../../core/sha256.ts';
import type { HttpQuery, HttpRequest, HttpResponse } from '../http/response.ts';
import type { Reply } from '../http/serve.ts';
import { dateOf } from '../ntp.ts';
import type { Metadata } from './metadata.ts';
import { entriesOf, isFolder, type MetadataNode, namesOf, shown } from './tree.ts';

const ROOT = '/computeMetadata/v1';
const TEXT = { 'Content-Type': 'application/text' };
const JSON_TYPE = { 'Content-Type': 'application/json' };
/** Errors that come with a page, and its title. */
const PAGES: Readonly<Record<number, string>> = {
  403: 'Error 403 (Forbidden)!!1',
  404: 'Error 404 (Not Found)!!1',
};
const READS = ['GET', 'HEAD'];
/** The entries of each level above the tree. */
const ABOVE: Readonly<Record<string, string>> = { '/': 'computeMetadata/\n', '/computeMetadata/': 'v1/\n' };
const SECOND: Nanos = 1_000_000_000;
/** Limit of requests that wait at once: further ones are answered as by a busy server. */
const WAITING_MOST = 1024;
/** Characters that are gone through at one time, and how long the rest waits then: any request may be for megabytes. */
const AT_ONCE = 1 << 20;
const PAUSE: Nanos = 1_000_000;

/** A request that waits for a change. */
interface Waiting {
  readonly request: HttpRequest;
  readonly respond: Reply;
  readonly etag: string;
  readonly timer: Timer | null;
}

/** Serves a tree over HTTP as Compute Engine's metadata server does. */
export class MetadataServer {
  private readonly metadata: Metadata;
  private readonly clock: () => Clock;
  private waiting: readonly Waiting[] = [];
  /** Those of them for whom something may have changed, and requests that wait for their turn. */
  private readonly changed = new Set<Waiting>();
  private readonly asked = new Set<() => void>();
  /** Characters that were gone through, at the time of the last of them. */
  private spent = 0;
  private spentAt: Nanos = -1;
  private isAtWork = false;
  private timer: Timer | null = null;

  constructor(metadata: Metadata, clock: () => Clock) {
    this.metadata = metadata;
    this.clock = clock;
    metadata.watch(() => this.lookAgain());
  }

  readonly handle = (request: HttpRequest, respond: Reply): void => {
    const act = () => this.serve(request, respond);
    this.asked.add(act);
    respond.whenGone(() => this.asked.delete(act));
    this.goOn();
  };

  private serve(request: HttpRequest, respond: Reply): void {
    const { method, path } = request;
    const isRead = READS.includes(method);
    const above = ABOVE[path.endsWith('/') ? path : `${path}/`];
    // A probe for Compute Engine asks for the root, without the header.
    if (isRead && path === '/') this.tell(respond, { status: 200, headers: TEXT, body: ABOVE['/']! });
    else if (!isAllowed(request)) this.tell(respond, { status: 403, headers: { Connection: 'Close' } });
    else if (isRead && above !== undefined) this.tell(respond, { status: 200, headers: TEXT, body: above });
    else if (isRead) this.read(request, respond);
    else this.tell(respond, this.write(request));
  }

  /** The network is detached: no request can be answered any more. */
  forget(): void {
    for (const { timer } of this.waiting) if (timer !== null) this.clock().remove(timer);
    this.waiting = [];
    this.changed.clear();
    this.asked.clear();
    if (this.timer !== null) this.clock().remove(this.timer);
    this.timer = null;
  }

  /** Does what there is to do, as far as there is time for it now. */
  private goOn(): void {
    if (this.isAtWork) return;
    this.isAtWork = true;
    try {
      while (this.hasTime()) {
        const [one] = this.changed;
        const [act] = this.asked;
        if (one !== undefined) this.look(one);
        else if (act === undefined) return;
        else {
          this.asked.delete(act);
          act();
        }
      }
    } finally {
      this.isAtWork = false;
      if (this.changed.size + this.asked.size > 0) this.goOnLater();
    }
  }

  private goOnLater(): void {
    this.timer ??= this.clock().timer('metadata server', () => this.goOn());
    this.timer.arm(PAUSE);
  }

  private hasTime(): boolean {
    const { now } = this.clock();
    if (now !== this.spentAt) this.spent = 0;
    this.spentAt = now;
    return this.spent < AT_ONCE;
  }

  private read(request: HttpRequest, respond: Reply): void {
    const { query } = request;
    if (query.get('wait_for_change')?.toLowerCase() !== 'true') {
      this.tell(respond, this.answer(request).response);
      return;
    }
    const { etag, response } = this.answer(request);
    const known = query.get('last_etag') ?? etag;
    if (etag !== known || response.status !== 200) this.tell(respond, response);
    else if (this.waiting.length === WAITING_MOST) this.tell(respond, { status: 503 });
    else this.wait(request, respond, etag);
  }

  private wait(request: HttpRequest, respond: Reply, etag: string): void {
    const seconds = Number(request.query.get('timeout_sec') ?? 0);
    const timer = seconds > 0 ? this.clock().timer('metadata', () => this.finish(one)) : null;
    const one: Waiting = { request, respond, etag, timer };
    timer?.arm(seconds * SECOND);
    this.waiting = [...this.waiting, one];
    respond.whenGone(() => this.leave(one));
  }

  private lookAgain(): void {
    for (const one of this.waiting) this.changed.add(one);
    if (this.changed.size > 0) this.goOn();
  }

  private look(one: Waiting): void {
    this.changed.delete(one);
    if (this.answer(one.request).etag !== one.etag) this.finish(one);
  }

  private finish(one: Waiting): void {
    this.leave(one);
    one.respond(() => headed(this.answer(one.request).response, this.clock()));
  }

  private tell(respond: Reply, response: HttpResponse): void {
    respond(headed(response, this.clock()));
  }

  private leave(one: Waiting): void {
    this.waiting = this.waiting.filter((other) => other !== one);
    this.changed.delete(one);
    if (one.timer !== null) this.clock().remove(one.timer);
  }

  private answer({ path, query }: HttpRequest): { readonly etag: string; readonly response: HttpResponse } {
    const names = path.startsWith(`${ROOT}/`) || path === ROOT ? namesOf(path.slice(ROOT.length)) : null;
    const node = names === null ? undefined : this.metadata.find(names);
    if (node === undefined) return { etag: etagOf(''), response: { status: 404 } };
    const name = names!.at(-1) ?? '';
    const isDeep = entriesOf(name, node) !== null;
    const recursive = query.get('recursive')?.toLowerCase() === 'true';
    const { body, isJson } = shown(name, node, { recursive, alt: query.get('alt') });
    this.spent += body.length;
    const headers = { ...(isJson ? JSON_TYPE : TEXT), ETag: etagOf(body) };
    if (isDeep && !path.endsWith('/')) return { etag: headers.ETag, response: moved(path, query) };
    const response = isDeep || !path.endsWith('/') ? { status: 200, headers, body } : { status: 404 };
    return { etag: headers.ETag, response };
  }

  /** A guest can write only guest attributes. */
  private write({ method, path, body }: HttpRequest): HttpResponse {
    const names = namesOf(path.slice(ROOT.length)) ?? [];
    const isOwn = path.startsWith(`${ROOT}/`) && names[0] === 'instance' && names[1] === 'guest-attributes';
    if (!isOwn || !['PUT', 'DELETE'].includes(method))
      return { status: 405, headers: { Allow: isOwn ? 'GET, HEAD, PUT, DELETE' : 'GET, HEAD' } };
    if (!writesAttributes(this.metadata)) return { status: 403 };
    // Exactly a namespace and a key in it.
    if (names.length !== 4) return { status: 400 };
    if (method === 'DELETE' && this.metadata.find(names) === undefined) return { status: 404 };
    const { characters, keys } = written(this.metadata);
    this.spent += characters;
    const hasRoom = characters + body.length <= ROOM.characters && keys < ROOM.keys;
    if (method === 'PUT' && !hasRoom) return { status: 413 };
    this.metadata.put(names, method === 'PUT' ? Buffer.from(body).toString() : undefined);
    return { status: 200 };
  }
}

/** With the head, and the page, that every answer of Compute Engine's has. */
function headed({ status, headers = {}, body = '' }: HttpResponse, clock: Clock): HttpResponse {
  const title = PAGES[status];
  return {
    status,
    headers: {
      'Metadata-Flavor': 'Google',
      ...(title === undefined ? {} : { 'Content-Type': 'text/html; charset=UTF-8' }),
      ...headers,
      Date: new Date(dateOf(clock).seconds * 1000).toUTCString(),
      Server: 'Metadata Server for VM',
      // Its place; the value is put there with the body.
      'Content-Length': '',
      'X-XSS-Protection': '0',
      'X-Frame-Options': 'SAMEORIGIN',
    },
    body: title === undefined ? body : page(title),
  };
}

function page(title: string): string {
  return `<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>${title}</title>\n<h1>${title}</h1>\n`;
}

function moved(path: string, query: HttpQuery): HttpResponse {
  const rest = query.size === 0 ? '' : `?${query}`;
  const place = `http://metadata.google.internal${path}/${rest}`;
  return { status: 301, headers: { Location: place }, body: `${place}\n` };
}

function etagOf(body: string): string {
  return sha256().update(body).digest('hex').slice(0, 16);
}

const ATTRIBUTE = 'attributes/enable-guest-attributes';
/** Limit of characters in all that a guest writes, keys included, so that it fills no memory. */
const ROOM = { characters: 4 << 20, keys: 16_384 } as const;

/** Whether a request came from the guest itself, intentionally, and not through a proxy or a page's script. */
function isAllowed({ headers }: HttpRequest): boolean {
  if (headers.has('x-forwarded-for')) return false;
  const asked = headers.get('metadata-flavor') === 'Google';
  return asked || headers.get('x-google-metadata-request')?.toLowerCase() === 'true';
}

/** Whether the instance, or its project, lets the guest write guest attributes. */
function writesAttributes(metadata: Metadata): boolean {
  const said = metadata.get(`instance/${ATTRIBUTE}`) ?? metadata.get(`project/${ATTRIBUTE}`);
  return `${said}`.toUpperCase() === 'TRUE';
}

/** How much the guest has written. */
function written(metadata: Metadata): { readonly characters: number; readonly keys: number } {
  const attributes = metadata.get('instance/guest-attributes') ?? {};
  return { characters: JSON.stringify(attributes).length, keys: keysIn(attributes) };
}

function keysIn(node: MetadataNode): number {
  return isFolder(node) ? Object.values(node).reduce<number>((sum, child) => sum + 1 + keysIn(child), 0) : 0;
}
