import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const PAGE = readFileSync(new URL('../docs/first-driver.md', import.meta.url), 'utf8');
const FILES = ['uart.ts', 'function.ts', 'ring.ts', 'nic.ts', 'disk.ts', 'first-driver.test.ts'];

test.each(FILES)('the page on first drivers shows %s as it is', (file) => {
  const code = readFileSync(new URL(`../examples/first-driver/${file}`, import.meta.url), 'utf8');

  expect(PAGE).toContain(`\n\`${file}\`\n\n\`\`\`ts\n${code}\`\`\`\n`);
});

test('the page on first drivers shows no other code', () => {
  expect(PAGE.match(/^```\w+$/gm)).toHaveLength(FILES.length);
});
