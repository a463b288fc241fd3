import { BitSet } from '../../../core/bit-set.ts';
import { scripts } from '../../script.proof.ts';
import { type STRANGERS, StrangerWatch } from './strangers.ts';

const [INDIRECT, VERSION_1] = [28, 32];
/** Reserved. */
const STRANGE = 44;

/** Brings up a device that offers these, twice without a meaningless bit and then with one. */
const meets =
  (takes: readonly number[], goesOn = true) =>
  (watch: StrangerWatch): void => {
    const usual = [INDIRECT, VERSION_1];
    bringUp(watch, usual, usual);
    bringUp(watch, usual, usual);
    bringUp(watch, [...usual, STRANGE], takes, goesOn);
    watch.ended();
  };

function bringUp(
  watch: StrangerWatch,
  offers: readonly number[],
  takes: readonly number[],
  goesOn = true,
): void {
  const offered = BitSet.of(offers);
  watch.offersRead(offered);
  if (!goesOn) return;
  watch.agreed(BitSet.of(takes));
  watch.live(offered);
}

export const STRANGER_PROOFS = scripts<StrangerWatch, keyof typeof STRANGERS>(
  (journal) => new StrangerWatch(() => 'net0', journal, []),
  {
    'virtio/FEAT-D4': { breaks: meets([VERSION_1]), keeps: meets([INDIRECT, VERSION_1]) },
    'virtio/FEAT-D11': { breaks: meets([], false), keeps: meets([INDIRECT, VERSION_1]) },
  },
);
