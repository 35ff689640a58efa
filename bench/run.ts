// `npm run bench`: the nine pairs over a million rows. `-- --quick`: 100,000 rows. `-- --memory`: a 5 GB table
// under the bound of memory. `-- --micro`: codecs alone, in this process.
import { parseArgs } from 'node:util';
import { benchMemory } from './memory.ts';
import { benchCodecs } from './micro/codecs.ts';
import { benchPairs } from './pairs.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    memory: { type: 'boolean', default: false },
    micro: { type: 'boolean', default: false },
  },
});
if (values.memory) {
  const within = await benchMemory({ pair: 'sqlite:postgres', gigabytes: 5, shape: 'lineitem' });
  process.exitCode = within ? 0 : 1;
} else if (values.micro) benchCodecs();
else await benchPairs({ shape: 'lineitem', rows: values.quick ? 100_000 : 1_000_000, pairs: [] });
