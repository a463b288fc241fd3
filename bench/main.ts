import { measureAll } from './measure.ts';
import { SCENARIOS, walk } from './virtqueue.ts';

const ROUNDS = 15;
const BATCHES = [1, 32, 256];

const subjects = SCENARIOS.flatMap((scenario) => BATCHES.map((batch) => walk(scenario, batch)));
const measured = measureAll(subjects, ROUNDS);

console.log(
  `split virtqueue, device side, without copy; node ${process.version}, median of ${ROUNDS} rounds\n`,
);
console.log(
  `${'scenario'.padEnd(44)}${'ns/chain'.padStart(10)}${'M chains/s'.padStart(12)}${'bytes/chain'.padStart(13)}`,
);
for (const [{ name }, { nsPerUnit, bytesPerUnit }] of measured) {
  const rate = (1000 / nsPerUnit).toFixed(1).padStart(12);
  console.log(
    `${name.padEnd(44)}${nsPerUnit.toFixed(1).padStart(10)}${rate}${bytesPerUnit.toFixed(2).padStart(13)}`,
  );
}
