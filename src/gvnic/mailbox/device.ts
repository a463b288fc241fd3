import type { Board } from '../../core/board.ts';
import { type CardHost, GvnicCore } from '../core.ts';
import { MAILBOX_EVENT } from '../registers/mailbox.ts';
import type { GvnicSettings } from '../settings.ts';
import { Mailbox } from './mailbox.ts';
import { MailboxQueues } from './queues.ts';
import { MailboxRequests } from './requests.ts';

/** The block and the vector of the mailbox; those of queues follow. */
const OWN = 0;

/** The later form of Google's network card, 1ae0:0043: a mailbox, by which a driver makes DQO_RDA queues. */
export class MailboxGvnic extends GvnicCore {
  override readonly queues: MailboxQueues;
  readonly mailbox: Mailbox;

  constructor(name: string, board: Board, settings: GvnicSettings, host: CardHost) {
    const blocks = 2 * settings.pairs + 1;
    super(name, board, settings, host, blocks);
    this.queues = new MailboxQueues(this, settings.pairs);
    this.mailbox = new Mailbox(this, new MailboxRequests(this), () => this.blocks.notify(OWN));
    this.blocks.setUp(blocks, true);
  }

  override get isSetUp(): boolean {
    return this.mailbox.words.some((word) => word !== 0);
  }

  override reset(): void {
    super.reset();
    this.mailbox.reset();
    this.blocks.setUp(this.blocks.count, true);
  }

  /** It is reset at once, by which the length of a ring reads 0: the driver learns of it by that. */
  override askForReset(): void {
    const hasDriver = this.isSetUp;
    this.reset();
    if (hasDriver) this.events?.resetAsked();
    this.host.signal(OWN);
  }

  protected override linkChanged(): void {
    this.mailbox.tell(MAILBOX_EVENT.LINK_CHANGED);
  }

  override vectorOf(block: number): number {
    return block;
  }

  protected override fire(block: number): void {
    this.host.signal(block);
  }
}
