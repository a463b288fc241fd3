/** Capabilities of a network device (virtio 1.4, Network Device, Device and driver capabilities). */
export const NET_CAP = {
  FF_RESOURCE: 0x800,
  FF_SELECTOR: 0x801,
  FF_ACTION: 0x802,
} as const;
/** Capabilities that flow filters need. */
export const FF_CAPS: readonly number[] = [NET_CAP.FF_RESOURCE, NET_CAP.FF_SELECTOR, NET_CAP.FF_ACTION];

/** Types of its resource objects. */
export const NET_OBJECT = {
  FF_GROUP: 0x200,
  FF_CLASSIFIER: 0x201,
  FF_RULE: 0x202,
} as const;
