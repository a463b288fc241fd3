/** Whether somebody above ends a driver that goes on without an access: then a host below, of WebAssembly, has no need to. */
export const hostClock = { isWatched: false };
