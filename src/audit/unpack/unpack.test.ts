import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { unpack, unpackWhole } from './unpack.ts';

/** 64 calls (e8), which xz's x86 filter turns into others. */
const PLAIN = Buffer.from(Array.from({ length: 64 }, (_, i) => [0xe8, (i * 7) & 0xff, i, 0, 0, 0x90]).flat());

describe('unpacking', () => {
  const SAMPLES: readonly (readonly [made: string, base64: string])[] = [
    [
      'xz --check=crc32',
      '/Td6WFoAAAFpIt42BMCzAYADIQEWAAAAAAAAAPyWscHgAX8Aq10AdAAwUf4MP5QSS+LuYQ22wI5cXwO9I9gg20ZySx' +
        'wKVkMxZbf66JXIuElEoTHijEZYcUf7FlsWhx/OAclvR4ypBFPypL5gDHT27pi73LzAZtulomTEVtdSnzDqTOZUBr5r' +
        'WhNzj2MhIJ04pMvUlx9qV7U22+UwpOys+bz+zBUoOTDCuXnQZMdij+vOP8YqOBiiWdcNxYsrV1aU8ooUyyjjXumhC2' +
        'l9YKuRsUYAAACzhig4AAHLAYADAAB4GwVqPjANiwIAAAAAAVla',
    ],
    [
      'xz --check=crc32 --x86 --lzma2=dict=4KiB',
      '/Td6WFoAAAFpIt42BMG2AYADBAAhAQAAAAAAAH6umWvgAX8Arl0AdAE8GTi3DhvrPI0QIZqQOCZBVSxAOZyVU/FrAz' +
        'lrveOJWLzbLwSyT7Vh8Aak2apvBsr/0PRG87hzsMsu7KME1mizgs0N0F9OXcWdB7wDjPzH0YkPioBk1T+4bKjrGN2j' +
        'FlXv+Nev7L4zA7bxwhD33h6nn5YNSWjEJzCpW5Gk6xy+hulM3FZXUY22P6yOKsgWnHY6eMIOUPW6yvIg6pC0drB1w/' +
        'KZfubR+ofTBMwAAAAAs4YoOAABzgGAAwAAy4rIOj4wDYsCAAAAAAFZWg==',
    ],
    [
      'zstd -q',
      'KLUv/QRYXQgABthBNBB5pjFAoZzeioWiokJra2tra2uwL/4HtqS2ZG1tbW2hbLoGNyMwIzAjMCMwIzAjMMMhSwExAD' +
        'QAMwBaAY7pFxvTCWhMI5AxfQDGtIuLaQM90wV2pltypgncTA+omRYwM/2JmQ7wMg2gZfoFmobKdIUp0xSkTM9EmZ4A' +
        'ZVqCk+kITKZllExDQDL9wMh0DJFpB0KmGwCZZuBjGobH9AIdCzrEi2kQLaZxeKY/6Ex7wJm+sZnuQDPNQWZ6A8y0jc' +
        'u0hs90hizTNVimMVyZvmBl2kKVBbrnyTSLJtMrlkyrSDLNc2Q6RZFpFEOmd4JMn/gxbaLHdIkd0zo5pkncmB5RYzpn' +
        'xrSIGAsAPxoH2Q==',
    ],
    [
      'lz4 -l -q',
      'AiFMGEQBAACQ6AAAAACQ6AcBBgAgDgIGACAVAwYAIBwEBgAgIwUGACAqBgYAIDEHBgAgOAgGACA/CQYAIEYKBgAgTQ' +
        'sGACBUDAYAIFsNBgAgYg4GACBpDwYAIHAQBgAgdxEGACB+EgYAIIUTBgAgjBQGACCTFQYAIJoWBgAgoRcGACCoGAYA' +
        'IK8ZBgAgthoGACC9GwYAIMQcBgAgyx0GACDSHgYAINkfBgAg4CAGACDnIQYAIO4iBgAg9SMGACD8JAYAIAMlBgAgCi' +
        'YGACARJwYAIBgoBgAgHykGACAmKgYAIC0rBgAgNCwGACA7LQYAIEIuBgAgSS8GACBQMAYAIFcxBgAgXjIGACBlMwYA' +
        'IGw0BgAgczUGACB6NgYAIIE3BgAgiDgGACCPOQYAIJY6BgAgnTsGACCkPAYAIKs9BgCwsj4AAJDouT8AAJA=',
    ],
  ];

  test.each(SAMPLES)('gives back what %s made small', async (_made, base64) => {
    expect(await unpackWhole('w', Buffer.from(base64, 'base64'))).toEqual(PLAIN);
  });

  test.each(SAMPLES)('refuses in one line what %s made and was cut off', async (_made, base64) => {
    const cut = Buffer.from(base64, 'base64').subarray(0, 150);

    await expect(unpackWhole('w', cut)).rejects.toThrow(/^w: (xz|zstd|lz4) data is damaged: [^\n]+$/);
  });

  test.each([
    ['a name', 0x08, 'vmlinux\0'],
    ['a comment', 0x10, 'mine\0'],
    ['more fields', 0x04, '\x03\0abc'],
    ['a sum of the header', 0x02, 'ab'],
    ['all of these', 0x1e, '\x03\0abcvmlinux\0mine\0ab'],
  ])('reads a gzip whose header has %s', async (_what, flags, fields) => {
    const gzip = gzipSync(PLAIN);
    gzip[3] = flags;
    const bytes = Buffer.concat([gzip.subarray(0, 10), Buffer.from(fields, 'latin1'), gzip.subarray(10)]);

    expect(await unpackWhole('w', bytes)).toEqual(PLAIN);
  });

  test('says where a gzip ends', async () => {
    const gzip = gzipSync(PLAIN);

    expect(await unpack('w', Buffer.concat([gzip, Buffer.from('more')]), () => {})).toBe(gzip.length);
  });

  test('refuses a gzip whose sum is another', async () => {
    const gzip = gzipSync(PLAIN);
    gzip[gzip.length - 5]! ^= 1;

    await expect(unpackWhole('w', gzip)).rejects.toThrow('w: gzip data is damaged: incorrect data check');
  });

  test('refuses a block of lz4 that unpacks beyond its 8 MiB', async () => {
    // One literal, then a match whose length goes on for 40,000 times 255 bytes.
    const block = Buffer.concat([
      Buffer.from([0x1f, 0x41, 1, 0]),
      Buffer.alloc(40_000, 0xff),
      Buffer.from([0]),
    ]);
    const head = Buffer.from([2, 0x21, 0x4c, 0x18, 0, 0, 0, 0]);
    head.writeUInt32LE(block.length, 4);

    await expect(unpackWhole('w', Buffer.concat([head, block]))).rejects.toThrow(
      'w: lz4 data is damaged: the block at 8 unpacks to more than 8 MiB',
    );
  });
});
