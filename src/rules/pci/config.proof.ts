import { scripts } from '../script.proof.ts';
import { type CONFIG, ConfigWatch } from './config.ts';

/** 00:03.0, and register 0a of it. */
const ALIGNED = 0x8000_1808;
const BETWEEN = 0x8000_180a;
const SECOND = 0x19;
const ENABLED = true;

export const CONFIG_PROOFS = scripts<ConfigWatch, keyof typeof CONFIG>(
  (journal) => new ConfigWatch(() => 'scsi0 (00:03.0)', journal),
  {
    'pci/CONFADD-ALIGN': {
      breaks: (config) => config.addressed(BETWEEN),
      keeps: (config) => config.addressed(ALIGNED),
    },
    'pci/CONFADD-WIDTH': {
      breaks: (config) => {
        config.partWritten(0x8000_0000);
        config.used(ENABLED, 0);
      },
      keeps: (config) => {
        config.partWritten(0x8000_0000);
        config.addressed(0x8000_0000);
        config.partWritten(0x0100_0000);
        config.used(ENABLED, 0);
      },
    },
    'pci/CONFADD-ENABLE': {
      breaks: (config) => config.used(!ENABLED, 0),
      keeps: (config) => config.used(ENABLED, 0),
    },
    'pci/CONFDATA-WIDTH': {
      breaks: (config) => config.used(ENABLED, 4),
      keeps: (config) => config.used(ENABLED, 3),
    },
    'pci/MULTI-FUNCTION': {
      breaks: (config) => config.lookedAt(SECOND, false),
      keeps: (config) => config.lookedAt(SECOND, true),
    },
  },
);
