import type { PciEvents } from '../../pci/events.ts';

/**
 * What a client shows of the guest. MSI-X's table it keeps for itself: entries here are the server's doing, and nobody is
 * told of them.
 */
export function withoutTable(events: PciEvents): PciEvents {
  return {
    reset: () => events.reset(),
    baseWritten: (...told) => events.baseWritten(...told),
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
