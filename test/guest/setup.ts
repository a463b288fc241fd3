import type { TestProject } from 'vitest/node';
import { built } from './built.ts';

/** Builds the guest, unless it exists already. */
export default function setup({ provide }: TestProject): void {
  provide('guest', built('linux/build.sh'));
}
