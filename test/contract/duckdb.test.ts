import { join } from 'node:path';
import { duckdb } from '../../src/dialect/duckdb/index.ts';
import { runStatements } from '../support/judge.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { dialectContract } from './dialect-contract.ts';

dialectContract({
  dialect: duckdb,
  newDatabase: async (context) => {
    const url = `duckdb:${join(temporaryFolder(context), 'contract.duckdb')}`;
    await runStatements(url, ['SELECT 1']);
    return url;
  },
});
