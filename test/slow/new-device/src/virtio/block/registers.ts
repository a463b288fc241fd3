import { struct } from '../../core/struct.ts';

/** Device configuration, as far as it is offered (virtio 1.4, Block Device, Device configuration layout). */
export const virtio_blk_config = struct('virtio_blk_config', 'le', { capacity: 'u64' });

/** What a request begins with (virtio 1.4, Block Device, Device Operation). */
export const virtio_blk_req = struct('virtio_blk_req', 'le', { type: 'u32', reserved: 'u32', sector: 'u64' });

export const VIRTIO_BLK_T = { IN: 0, OUT: 1 } as const;
export const VIRTIO_BLK_S = { OK: 0, IOERR: 1, UNSUPP: 2 } as const;
export const SECTOR = 512;
