// Blue-green in PostgreSQL: what hangs on a table goes along, readers never see anything but a whole table, and nobody waits
// behind a swap that can't have its locks.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import {
  DatabaseFactory,
  DatabaseMigrator,
  type Report,
  type TransferOptionsInput,
} from '../../src/index.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary.ts';

describe('blue-green in PostgreSQL', () => {
  const folder = temporaryFolder({ after });
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  const run = async (from: string, to: string, options: TransferOptionsInput = {}): Promise<Report> => {
    await using ferrow = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to), {
      strategy: 'blue-green',
    });
    return await ferrow.migrateAllTables(options);
  };
  const rollback = async (to: string, id?: string) => {
    await using ferrow = new DatabaseMigrator(
      DatabaseFactory.create(join(folder, 'any.db')),
      DatabaseFactory.create(to),
    );
    return await ferrow.rollback(id);
  };
  const succeeded = (report: Report) => {
    assert.equal(report.success, true, JSON.stringify(report.error));
    return report;
  };
  const one = async (url: string, sql: string) => (await queryText(url, sql))[0]?.[0];

  const SHOP = [
    'CREATE TABLE customer (id integer PRIMARY KEY, name text NOT NULL UNIQUE)',
    'CREATE TABLE sale (id serial PRIMARY KEY, customer integer REFERENCES customer, total numeric(10,2))',
    'CREATE INDEX sale_total ON sale (total)',
  ];
  const rows = (factor: number) => [
    `INSERT INTO customer SELECT i, 'c' || i FROM generate_series(1, 20) i`,
    `INSERT INTO sale (customer, total) SELECT i % 20 + 1, i * ${factor} FROM generate_series(1, 1000) i`,
  ];
  const shop = async (factor: number) => {
    const url = await server.createDatabase();
    await runStatements(url, [...SHOP, ...rows(factor)]);
    return url;
  };

  test('views, materialised views, foreign keys, rights, triggers and policies stay right, there and back', async () => {
    const [from, to] = [await shop(2), await shop(1)];
    await runStatements(to, [
      'CREATE ROLE clerk',
      'CREATE ROLE if_owner',
      'CREATE VIEW totals WITH (security_barrier) AS SELECT customer, sum(total) AS total FROM sale GROUP BY customer',
      'GRANT SELECT ON totals TO clerk',
      "COMMENT ON VIEW totals IS 'by customer'",
      'CREATE VIEW best AS SELECT max(total) AS total FROM totals',
      'CREATE MATERIALIZED VIEW summary AS SELECT count(*) AS sales, sum(total) AS total FROM sale',
      'CREATE UNIQUE INDEX summary_sales ON summary (sales)',
      "COMMENT ON MATERIALIZED VIEW summary IS 'all of it'",
      'GRANT SELECT ON summary TO clerk',
      'CREATE VIEW over_summary AS SELECT total FROM summary',
      'CREATE TABLE note (sale integer REFERENCES sale ON DELETE CASCADE, text text)',
      "INSERT INTO note VALUES (1, 'first')",
      'GRANT SELECT, INSERT ON sale TO clerk WITH GRANT OPTION',
      'GRANT UPDATE (total) ON sale TO clerk',
      'GRANT USAGE ON SEQUENCE sale_id_seq TO clerk',
      'ALTER TABLE customer OWNER TO if_owner',
      "COMMENT ON TABLE sale IS 'what was sold'",
      'CREATE TABLE log (id integer)',
      'CREATE FUNCTION log_sale() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.log VALUES (new.id); RETURN new; END $$',
      'CREATE TRIGGER logged AFTER INSERT ON sale FOR EACH ROW EXECUTE FUNCTION log_sale()',
      'CREATE TRIGGER asleep AFTER UPDATE ON sale FOR EACH ROW EXECUTE FUNCTION log_sale()',
      'ALTER TABLE sale DISABLE TRIGGER asleep',
      'ALTER TABLE sale ENABLE ROW LEVEL SECURITY',
      'CREATE POLICY small ON sale FOR SELECT TO clerk USING (total < 100)',
      'ALTER TABLE sale REPLICA IDENTITY FULL',
      'ALTER TABLE sale SET (fillfactor = 70)',
      'CREATE PUBLICATION sales FOR TABLE sale',
      'CREATE FUNCTION sales() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM sale; END',
    ]);
    const belongings = () =>
      queryText(
        to,
        `SELECT c.relname, pg_get_userbyid(relowner), relacl::text, relrowsecurity, relreplident, reloptions::text, obj_description(c.oid),
          (SELECT string_agg(tgname || tgenabled::text, ' ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal),
          (SELECT string_agg(pg_get_expr(polqual, polrelid), ' ') FROM pg_policy WHERE polrelid = c.oid),
          (SELECT string_agg(attacl::text, ' ') FROM pg_attribute WHERE attrelid = c.oid),
          (SELECT string_agg(pg_get_constraintdef(oid) || convalidated::text, ' ' ORDER BY conname) FROM pg_constraint WHERE contype IN ('f', 'p', 'u') AND conrelid = c.oid),
          (SELECT string_agg(indexrelid::regclass::text, ' ' ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = c.oid)
        FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'S')
          AND relname !~ '_ferrow_old' ORDER BY relname`,
      );
    const before = await belongings();
    const report = succeeded(await run(from, to));
    assert.deepEqual(await belongings(), before);
    const sum = (factor: number) => `${(1001 * 500 * factor).toFixed(2)}`;
    const right = async (factor: number) => {
      assert.equal(await one(to, 'SELECT sum(total) FROM totals'), sum(factor));
      assert.equal(await one(to, 'SELECT total FROM over_summary'), sum(factor));
      assert.equal(await one(to, 'SELECT sum(total) FROM sale'), sum(factor));
      assert.equal(await one(to, 'SELECT sales()'), '1000');
      await runStatements(to, ['INSERT INTO sale (customer, total) VALUES (1, 1)']);
      assert.equal(await one(to, 'SELECT max(id) FROM log'), await one(to, 'SELECT max(id) FROM sale'));
      await assert.rejects(runStatements(to, ['INSERT INTO note VALUES (4711, NULL)']), /note_sale_fkey/);
      await runStatements(to, ['DELETE FROM sale WHERE id > 1000']);
      assert.deepEqual(await queryText(to, 'SELECT text FROM note'), [['first']]);
    };
    await right(2);
    const left = report.warnings.filter(({ code }) => code === 'W_NOT_CARRIED').map(({ name }) => name);
    assert.ok(left.includes('publication sales'), left.join());
    // What was replaced holds nobody back.
    await runStatements(to, ['DELETE FROM sale WHERE customer = 3', 'DELETE FROM customer WHERE id = 3']);

    await rollback(to);
    const noSales = (list: string[][]) => list.filter(([name]) => name !== 'sales');
    assert.deepEqual(noSales(await belongings()), noSales(before));
    await right(1);
    assert.equal(
      await one(to, "SELECT string_agg(nspname, ',') FROM pg_namespace WHERE nspname ~ '^_ferrow_'"),
      '\\N',
    );
  });

  test('several readers all through two swaps and a rollback see whole tables and no error', async () => {
    const [from, to] = [await shop(2), await shop(1)];
    await runStatements(to, [
      'CREATE VIEW totals AS SELECT c.id, sum(s.total) AS total FROM customer c JOIN sale s ON s.customer = c.id GROUP BY c.id',
    ]);
    let going = true;
    const seen = new Set<string>();
    const reader = async (sql: string, name?: string) => {
      const client = new pg.Client({ connectionString: to.replace(/\?.*/, '') });
      await client.connect();
      try {
        let reads = 0;
        for (; going; reads++) {
          const { rows: found } = await client.query({
            text: sql,
            ...(name ? { name } : {}),
            rowMode: 'array',
          });
          seen.add(String(found[0]));
        }
        return reads;
      } finally {
        await client.end();
      }
    };
    const queries = [
      'SELECT count(*) FROM sale',
      'SELECT sum(total) / 500500 FROM totals',
      'SELECT count(*) FROM customer JOIN sale ON customer = customer.id',
    ];
    const readers = [
      ...queries.map((sql) => reader(sql)),
      ...queries.map((sql, at) => reader(sql, `q${at}`)),
    ];
    for (const each of readers) each.catch(() => {});
    try {
      succeeded(await run(from, to));
      succeeded(await run(from, to));
      await rollback(to);
    } finally {
      going = false;
    }
    const reads = await Promise.all(readers);
    assert.ok(Math.min(...reads) > 3, reads.join());
    for (const value of seen) assert.match(value, /^(1000|1\.0+|2\.0+)$/);
  });

  test('a long transaction is not queued behind: others read on, and the swap comes when it has ended', async () => {
    const [from, to] = [await shop(2), await shop(1)];
    const client = new pg.Client({ connectionString: to.replace(/\?.*/, '') });
    await client.connect();
    await client.query('BEGIN');
    await client.query('SELECT count(*) FROM sale');
    const running = run(from, to);
    let slowest = 0;
    const until = Date.now() + 4000;
    while (Date.now() < until) {
      const started = Date.now();
      assert.equal(await one(to, 'SELECT sum(total) FROM sale'), '500500.00');
      slowest = Math.max(slowest, Date.now() - started);
      await setTimeout(20);
    }
    await client.query('COMMIT');
    await client.end();
    succeeded(await running);
    assert.equal(await one(to, 'SELECT sum(total) FROM sale'), '1001000.00');
    assert.ok(slowest < 2500, `${slowest} ms`);
  });

  test('names of 63 bytes', async () => {
    const name = `${'ü'.repeat(31)}x`;
    const source = `sqlite:${join(folder, 'long.db')}`;
    await runStatements(source, [
      `CREATE TABLE "${name}" (id INTEGER PRIMARY KEY, label TEXT)`,
      `CREATE INDEX "${name.slice(0, -1)}y" ON "${name}" (label)`,
      `INSERT INTO "${name}" VALUES (1, 'a')`,
    ]);
    const to = await server.createDatabase();
    succeeded(await run(source, to));
    await runStatements(source, [`UPDATE "${name}" SET label = 'b'`]);
    const report = succeeded(await run(source, to));
    const kept = report.tableResults[0].keptAs as string;
    assert.match(kept, /^ü+_[0-9a-f]{8}_ferrow_old$/);
    assert.ok(Buffer.byteLength(kept) <= 63);
    assert.equal(await one(to, `SELECT label FROM "${name}"`), 'b');
    assert.equal(await one(to, `SELECT label FROM "${kept}"`), 'a');
    await rollback(to);
    assert.equal(await one(to, `SELECT label FROM "${name}"`), 'a');
    assert.equal(
      await one(
        to,
        `SELECT count(*) FROM pg_indexes WHERE tablename = '${name}' AND indexname = '${name.slice(0, -1)}y'`,
      ),
      '1',
    );
  });

  test('sequences that stand alone number the new tables, whoever owned them', async () => {
    const make = [
      'CREATE SEQUENCE tickets',
      "CREATE TABLE ticket (id bigint PRIMARY KEY DEFAULT nextval('tickets'), label text)",
      "CREATE TABLE voucher (id bigint PRIMARY KEY DEFAULT nextval('tickets'))",
      'ALTER SEQUENCE tickets OWNED BY ticket.id',
      "INSERT INTO ticket (label) VALUES ('a'), ('b')",
      'INSERT INTO voucher VALUES (DEFAULT)',
    ];
    const [from, to] = [await server.createDatabase(), await server.createDatabase()];
    await runStatements(from, make);
    for (let round = 0; round < 3; round++) {
      const { warnings } = succeeded(await run(from, to));
      assert.deepEqual(
        warnings.filter(({ code }) => code === 'W_NOT_CARRIED'),
        [],
      );
      await runStatements(to, ['INSERT INTO ticket DEFAULT VALUES', 'INSERT INTO voucher DEFAULT VALUES']);
      assert.equal(await one(to, "SELECT pg_get_serial_sequence('ticket', 'id')"), 'public.tickets');
    }
  });

  test('a foreign key from outside that finds no parent any more holds for new rows, and is said', async () => {
    const [from, to] = [await shop(2), await shop(1)];
    await runStatements(from, ['DELETE FROM sale WHERE id = 7']);
    await runStatements(to, [
      'CREATE TABLE note (sale integer REFERENCES sale)',
      'INSERT INTO note VALUES (7)',
    ]);
    const report = succeeded(await run(from, to));
    const said = report.warnings.find(({ object }) => object === 'foreign key');
    assert.match(said?.message ?? '', /note_sale_fkey.*new rows only/);
    assert.equal(
      await one(to, "SELECT convalidated FROM pg_constraint WHERE conname = 'note_sale_fkey'"),
      'f',
    );
  });

  test('what can not be kept right is refused before a row moves, with its name', async () => {
    const cases: [string, string, RegExp][] = [
      ['an heir', 'CREATE TABLE heir () INHERITS (sale)', /inherit/],
      ['a row type', 'CREATE TABLE box (content sale)', /column content of table box/],
      [
        'a sequence',
        "CREATE TABLE other (id integer DEFAULT nextval('sale_id_seq'))",
        /default value for column id of table other/,
      ],
      [
        'a rule elsewhere',
        'CREATE TABLE door (id integer); CREATE RULE r AS ON INSERT TO door DO ALSO SELECT count(*) FROM sale',
        /rule r on table door/,
      ],
    ];
    const from = await shop(2);
    for (const [what, sql, message] of cases) {
      const to = await shop(1);
      await runStatements(to, [sql]);
      const report = await run(from, to);
      assert.equal(report.error?.code, 'E_TABLE_IN_USE', what);
      assert.match(report.error?.message ?? '', message);
      assert.equal(await one(to, 'SELECT sum(total) FROM sale'), '500500.00');
    }
  });

  test('a view whose columns would have other types stops the swap, and nothing is swapped', async () => {
    const [from, to] = [await shop(2), await shop(1)];
    await runStatements(from, ['ALTER TABLE customer ALTER name TYPE varchar(40)']);
    await runStatements(to, ['CREATE VIEW names AS SELECT name FROM customer']);
    const report = await run(from, to);
    assert.equal(report.error?.code, 'E_TABLE_IN_USE', JSON.stringify(report.error));
    assert.match(report.error?.message ?? '', /view "names"/);
    assert.equal(await one(to, 'SELECT sum(total) FROM sale'), '500500.00');
    assert.equal(await one(to, "SELECT count(*) FROM pg_namespace WHERE nspname ~ '^_ferrow_'"), '0');
  });
});
