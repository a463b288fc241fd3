/** Whether a watchdog ends a driver that runs on without an access: then the WebAssembly host need not do so. */
export const hostClock = { isWatched: false };
