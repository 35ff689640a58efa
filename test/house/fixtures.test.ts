// The fixtures and the judge, checked without Ferrow: the same description gives the same content in all
// three engines, so that a difference seen by another test is Ferrow's own.
import { join } from 'node:path';
import { test } from 'node:test';
import { assertConstraints, constraintsOf } from '../support/constraints.ts';
import { makeShop, SHOP } from '../support/databases.ts';
import { engineOfUrl } from '../support/judge.ts';
import { startPostgres } from '../support/postgres.ts';
import { assertSameRows, contentOf, expectedContent } from '../support/tables.ts';
import { temporaryFolder } from '../support/temporary.ts';

test('the shop holds the same in SQLite, DuckDB and PostgreSQL', async (context) => {
  const folder = temporaryFolder(context);
  const server = await startPostgres();
  context.after(() => server.stop());
  const urls = [
    `sqlite:${join(folder, 'shop.db')}`,
    `duckdb:${join(folder, 'shop.duckdb')}`,
    await server.createDatabase(),
  ];
  for (const url of urls) {
    await makeShop(url);
    for (const table of SHOP) {
      assertSameRows(await contentOf(url, table), expectedContent(table), `${table.name} in ${url}`);
    }
    const engine = engineOfUrl(url);
    assertConstraints(await constraintsOf(url, SHOP), SHOP, engine, engine);
  }
});
