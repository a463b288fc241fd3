/** 64 calls (e8), which xz's x86 filter changes. */
export const PLAIN = Buffer.from(
  Array.from({ length: 64 }, (_, i) => [0xe8, (i * 7) & 0xff, i, 0, 0, 0x90]).flat(),
);

/** The same, as other programs compressed it. */
export const SAMPLES: readonly (readonly [made: string, base64: string])[] = [
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
