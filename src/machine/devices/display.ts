import * as v from 'valibot';
import { Display } from '../../display/display.ts';
import { flag } from '../option-kinds.ts';
import type { DeviceDescriptor } from './descriptor.ts';

/** The virtual display from the host's side. */
export interface DisplayView {
  /** The memory behind BAR0, 8 MiB. A view: it changes as the guest writes. */
  readonly bytes: Uint8Array;
}

export interface DisplayFacade {
  /** Null without the option. */
  readonly display: DisplayView | null;
}

const options = {
  /** The virtual display of Compute Engine, in the slot after the NICs. Default false. */
  display: v.optional(flag),
};

export const DISPLAY: DeviceDescriptor<typeof options, boolean, DisplayFacade> = {
  options,
  logged: options,

  plan: ({ display = false }) => display,

  plug(site, wanted) {
    if (!wanted) return { display: null };
    const display = new Display('display0', site.board);
    site.plug(display, {});
    return { display };
  },
};
