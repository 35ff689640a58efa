import { after, before } from 'node:test';
import { postgres } from '../../src/dialect/postgres/index.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { dialectContract } from './dialect-contract.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(async () => server.stop());

dialectContract({ dialect: postgres, newDatabase: async () => server.createDatabase() });
