import { NET_FEATURE as F } from '../registers.ts';
import { type NetCard, type NetFeature, type Served, served } from './feature.ts';

/** Asks the driver to announce its address to its peers (virtio 1.4, Gratuitous Packet Sending). */
export class Announcement implements NetFeature {
  static readonly bits = [F.GUEST_ANNOUNCE];
  readonly commands: readonly Served[] = [
    served('ANNOUNCE_ACK', () => {
      this.card.config.announce = false;
      return true;
    }),
  ];
  private readonly card: NetCard;

  constructor(card: NetCard) {
    this.card = card;
  }

  ask(): void {
    this.card.config.announce = true;
  }
}
