/** Said of a log whose machine has none at any time that we look. */
export const NO_VIRTIO = 'There is no virtio device in the log: rules on those are not reached';
