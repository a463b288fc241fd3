import { scripts } from '../../script.proof.ts';
import { StoresRig } from '../stores/rig.ts';
import { type ISR_RULES, IsrWatch } from './isr.ts';

const LONG = 100_000_000;
const [BUFFER, BYTES] = [0x5000, 64];

/** A device whose buffers come back one after the other, and its driver's handler. */
class IsrRig extends StoresRig {
  private readonly isr: IsrWatch;
  private handlers = 0;
  private position = 0;

  constructor(...given: ConstructorParameters<typeof StoresRig>) {
    super(...given);
    this.isr = new IsrWatch({ subject: () => 'net0', queueSizes: [4], stores: this.rings }, this.journal);
  }

  /** Something comes back, and the handler reads ISR. */
  interrupt(isr: number, serves: boolean): void {
    this.post(this.position, 0, BUFFER, BYTES);
    this.take(0);
    this.use(this.position++, 0, 0);
    this.journal.handler = ++this.handlers;
    this.isr.isrTaken(isr);
    if (serves) this.look();
    this.journal.handler = 0;
  }
}

export const ISR_PROOFS = scripts<IsrRig, keyof typeof ISR_RULES>(
  (journal, clock) => new IsrRig(journal, { clock }),
  {
    'virtio/PCI-ISR-IMP-1': {
      breaks: (rig) => {
        rig.interrupt(1, true);
        rig.interrupt(3, false);
        rig.pass(LONG);
        rig.interrupt(1, true);
      },
      keeps: (rig) => {
        rig.interrupt(1, true);
        rig.interrupt(3, true);
        rig.pass(LONG);
        rig.interrupt(1, true);
      },
    },
  },
);
