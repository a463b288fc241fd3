/** 64 times the same six bytes, but for a number in them. */
export const PLAIN = Buffer.from(
  Array.from({ length: 64 }, (_, i) => [0xe8, (i * 7) & 0xff, i, 0, 0, 0x90]).flat(),
);

/** The same, as `lz4 -l -q` compressed it. */
export const LZ4 = Buffer.from(
  'AiFMGEQBAACQ6AAAAACQ6AcBBgAgDgIGACAVAwYAIBwEBgAgIwUGACAqBgYAIDEHBgAgOAgGACA/CQYAIEYKBgAgTQ' +
    'sGACBUDAYAIFsNBgAgYg4GACBpDwYAIHAQBgAgdxEGACB+EgYAIIUTBgAgjBQGACCTFQYAIJoWBgAgoRcGACCoGAYA' +
    'IK8ZBgAgthoGACC9GwYAIMQcBgAgyx0GACDSHgYAINkfBgAg4CAGACDnIQYAIO4iBgAg9SMGACD8JAYAIAMlBgAgCi' +
    'YGACARJwYAIBgoBgAgHykGACAmKgYAIC0rBgAgNCwGACA7LQYAIEIuBgAgSS8GACBQMAYAIFcxBgAgXjIGACBlMwYA' +
    'IGw0BgAgczUGACB6NgYAIIE3BgAgiDgGACCPOQYAIJY6BgAgnTsGACCkPAYAIKs9BgCwsj4AAJDouT8AAJA=',
  'base64',
);
