import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRedactor, redactUrl, redactUrls } from '../../../src/errors/redact.ts';

const SECRET = 's3cr3t';

test('passwords leave well-formed and malformed URLs', () => {
  const urls = [
    `postgres://u:${SECRET}@h/db`,
    `postgresql://u:${SECRET}@h:5432/db?sslmode=require`,
    `postgres//u:${SECRET}@h/db`,
    `postgres:/u:${SECRET}@h`,
    `postgres:u:${SECRET}@h`,
    `postgres:///u:${SECRET}@h`,
    `u:${SECRET}@h:5432/db`,
    `postgres://u:a@${SECRET}/x@h/db`,
    `postgres://:${SECRET}@h`,
    `foo://u:${SECRET}@h/db`,
    `postgres://h/db?user=u&password=${SECRET}`,
    `host=h user=u password=${SECRET} dbname=d`,
    `host=h password='${SECRET} with blanks'`,
    `POSTGRES://u:${SECRET}@h/db`,
  ];
  for (const url of urls) {
    for (const shown of [redactUrl(url), redactUrls(`can not open ${url}: nope`), redactUrls(`"${url}"`)]) {
      assert.ok(!shown.includes(SECRET), `${url} shows ${shown}`);
      assert.match(shown, /\*\*\*/);
    }
  }
});

test('text without a password stays as it is', () => {
  const texts = [
    'as in ferrow migrate app.db postgres://me@localhost/app; see --help',
    'postgres://me@localhost:5432/app',
    'sqlite:///data/a@b.db',
    'sqlite:a:b@c.db',
    'duckdb:app.duckdb',
    'table "Album": 10:30 is no date, ask x@example.com',
    'postgres://localhost/app',
    'metrics: http://127.0.0.1:9464/metrics',
  ];
  for (const text of texts) assert.equal(redactUrls(text), text);
  assert.equal(redactUrl('/data/x@y.db'), '/data/x@y.db');
});

test('a redactor hides a secret wherever it turns up', () => {
  const redactor = makeRedactor();
  redactor.learnUrl('postgres://me:blank in%20it@host/db');
  redactor.learnUrl('postgres://x:p%40ssw0rd@host/db');
  redactor.learnSecret('from-pgpassword');
  const text = redactor.text(
    'postgres://me:blank in%20it@host/db, "blank in%20it", blank in it, p@ssw0rd, p%40ssw0rd, from-pgpassword',
  );
  assert.equal(text, 'postgres://me:***@host/db, "***", ***, ***, ***, ***');
});

test('a password that equals a plain word of the URL does not blank that word everywhere', () => {
  const redactor = makeRedactor();
  redactor.learnUrl('postgres://postgres:postgres@localhost/app');
  redactor.learnUrl('postgres://me:ab@localhost/app');
  assert.equal(redactor.text('the postgres server is absent'), 'the postgres server is absent');
  assert.equal(
    redactor.text('at postgres://postgres:postgres@localhost/app'),
    'at postgres://postgres:***@localhost/app',
  );
});
