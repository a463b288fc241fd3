import { describe, expect, test } from 'vitest';
import { collect, FAIR, Pair } from './pair-rig.ts';

const text = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7) ^ (i >> 8));

describe('a connection', () => {
  test('is opened, carries both ways, and is closed by both', () => {
    const pair = new Pair(FAIR);
    const client = pair.connect();
    const answer = collect(client);
    pair.run(() => pair.accepted !== null);
    const request = collect(pair.accepted!);

    client.write(text(3000));
    client.end();
    pair.run(() => request.ended);
    pair.accepted!.write(text(5000));
    pair.accepted!.end();
    pair.run(() => answer.closed !== null && request.closed !== null);

    expect([request.bytes, answer.bytes]).toEqual([[...text(3000)], [...text(5000)]]);
    expect([request.closed, answer.closed]).toEqual(['closed', 'closed']);
  });

  test('to a port without a listener is reset', () => {
    const pair = new Pair(FAIR);
    const client = pair.connect(81);
    const got = collect(client);

    pair.run(() => got.closed !== null);

    expect(got.closed).toBe('reset');
  });

  test('that is aborted is reset for the other', () => {
    const pair = new Pair(FAIR);
    const client = pair.connect();
    pair.run(() => pair.accepted !== null);
    const got = collect(pair.accepted!);

    client.abort();
    pair.run(() => got.closed !== null);

    expect(got.closed).toBe('reset');
  });

  test('over a dead wire is given up', () => {
    const pair = new Pair({ ...FAIR, loss: 100 });
    const got = collect(pair.connect());

    pair.run(() => got.closed !== null);

    expect(got.closed).toBe('timeout');
  });

  test('is half closed: the other goes on sending', () => {
    const pair = new Pair(FAIR);
    const client = pair.connect();
    const answer = collect(client);
    client.end();
    pair.run(() => pair.accepted?.state === 'CLOSE-WAIT');

    pair.accepted!.write(text(100_000));
    pair.run(() => answer.bytes.length === 100_000);

    expect(client.state).toBe('FIN-WAIT-2');
  });

  test('on a good wire sends nothing twice', () => {
    const pair = new Pair(FAIR);
    const client = pair.connect();
    pair.run(() => pair.accepted !== null);
    const got = collect(pair.accepted!);

    client.write(text(142_000));
    pair.run(() => got.bytes.length === 142_000);

    // Three to open it; a hundred segments of 1420 bytes, and an acknowledgment of each.
    expect(pair.carried).toBeLessThanOrEqual(3 + 200);
  });
});
