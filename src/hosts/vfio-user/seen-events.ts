import type { PciEvents } from '../../pci/events.ts';

/**
 * The events of the guest that a client shows. It keeps the MSI-X table for itself: entries here are the server's, and
 * are not watched.
 */
export function withoutTable(events: PciEvents): PciEvents {
  return {
    reset: () => events.reset(),
    baseWritten: (write) => events.baseWritten(write),
    listBegun: () => events.listBegun(),
    listEntered: () => events.listEntered(),
    commandWritten: (value) => events.commandWritten(value),
    lineWritten: (...told) => events.lineWritten(...told),
    placed: (...told) => events.placed(...told),
    missed: (...told) => events.missed(...told),
    msixWritten: () => {},
    entryWritten: () => {},
    messageDue: (vector, open, address, upper, data) => {
      if (!open) events.messageDue(vector, open, address, upper, data);
    },
  };
}
