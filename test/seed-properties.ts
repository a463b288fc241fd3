import fc from 'fast-check';
import { commitSeed } from './repeats.ts';

fc.configureGlobal({ seed: commitSeed() });
