import { join } from 'node:path';
import { sqlite } from '../../src/dialect/sqlite/index.ts';
import { runStatements } from '../support/judge.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { dialectContract } from './dialect-contract.ts';

dialectContract({
  dialect: sqlite,
  newDatabase: async (context) => {
    const url = `sqlite:${join(temporaryFolder(context), 'contract.db')}`;
    await runStatements(url, ['SELECT 1']);
    return url;
  },
});
