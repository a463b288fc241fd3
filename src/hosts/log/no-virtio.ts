/** Reported for a log whose machine never has a virtio function. */
export const NO_VIRTIO = 'There is no virtio device in the log: rules on those are not reached';
