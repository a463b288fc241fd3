import { createRequire } from 'node:module';
import type { CallFrame } from './call-site.ts';

/** Of a profile: who called whom, and in whom the engine was at each look. */
export interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: number[];
  }[];
  readonly samples?: readonly number[];
}

/** What of Node's module is used; its own types would be part of ours. */
interface Session {
  connect(): void;
  disconnect(): void;
  post(method: string, params?: object): void;
  post(method: 'Profiler.stop', done: (error: unknown, answer?: { readonly profile: Profile }) => void): void;
}
interface Inspector {
  readonly Session: new () => Session;
  url(): string | undefined;
}

/** Null in a Node that was built without. */
export function inspector(): Inspector | null {
  try {
    return createRequire(import.meta.url)('node:inspector');
  } catch {
    return null;
  }
}
