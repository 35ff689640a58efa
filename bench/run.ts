// `npm run bench`: the nine pairs over a million rows. `-- --quick`: 100,000 rows. `-- --memory`: a 5 GB table
// under the bound of memory (`--gigabytes N`, `--pair sqlite:postgres`, `--shape lineitem` change it).
// `-- --micro`: codecs alone, in this process.
import { parseArgs } from 'node:util';
import { benchMemory } from './memory.ts';
import { benchCodecs } from './micro/codecs.ts';
import { benchPairs } from './pairs.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    memory: { type: 'boolean', default: false },
    micro: { type: 'boolean', default: false },
    gigabytes: { type: 'string', default: '5' },
    pair: { type: 'string', default: 'sqlite:postgres' },
    shape: { type: 'string', default: 'lineitem' },
  },
});
if (values.memory) {
  const { pair, shape, gigabytes } = values;
  const within = await benchMemory({ pair, shape, gigabytes: Number(gigabytes) });
  process.exitCode = within ? 0 : 1;
} else if (values.micro) benchCodecs();
else await benchPairs({ shape: 'lineitem', rows: values.quick ? 100_000 : 1_000_000, pairs: [] });
