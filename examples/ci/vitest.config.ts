// SPDX-License-Identifier: MIT-0
import { defineConfig } from 'vitest/config';

// A clause that a driver does not come by is skipped: hundreds are, which would hide what failed.
export default defineConfig({ test: { hideSkippedTests: true } });
