import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locate } from '../../../../src/dialect/postgres/locate.ts';
import { FerrowError } from '../../../../src/errors/ferrow-error.ts';

const refuses = (url: string, what: RegExp, env: Record<string, string> = {}) =>
  assert.throws(
    () => locate(url, env),
    (error: FerrowError) =>
      error instanceof FerrowError &&
      error.code === 'E_URL' &&
      what.test(error.message) &&
      !error.message.includes('s3cret'),
    url,
  );

test('every part of a URL', () => {
  const place = locate('postgresql://us%40er:s3%2Fcr%3Aet@db.example.com:6543/my%20db?sslmode=require', {});
  assert.deepEqual(
    { ...place },
    {
      engine: 'postgres',
      host: 'db.example.com',
      port: 6543,
      database: 'my db',
      user: 'us@er',
      password: 's3/cr:et',
      sslMode: 'require',
      sslRootCert: null,
      display: 'postgres://us%40er:***@db.example.com:6543/my%20db',
    },
  );
});

test('a password with an @ in it, IPv6, sockets', () => {
  assert.equal(locate('postgres://u:a@b@h/d', {}).password, 'a@b');
  assert.equal(locate('postgres://u@[::1]:99/d', {}).host, '::1');
  assert.equal(locate('postgres://u@[::1]:99/d', {}).display, 'postgres://u@[::1]:99/d');
  assert.equal(locate('postgres://u@%2Fvar%2Frun/d', {}).host, '/var/run');
  assert.equal(locate('postgres:///d?host=/tmp&user=x&port=1', {}).host, '/tmp');
});

test('the environment fills what is missing, and only that', () => {
  const env = {
    PGHOST: 'h',
    PGPORT: '7',
    PGUSER: 'eve',
    PGPASSWORD: 'pw',
    PGDATABASE: 'd',
    PGSSLMODE: 'verify-ca',
    PGSSLROOTCERT: '/ca.pem',
  };
  const place = locate('postgres://', env);
  assert.deepEqual(
    [place.host, place.port, place.user, place.password, place.database, place.sslMode, place.sslRootCert],
    ['h', 7, 'eve', 'pw', 'd', 'verify-ca', '/ca.pem'],
  );
  const own = locate('postgres://bob:x@other:8/e?sslmode=disable', env);
  assert.deepEqual(
    [own.host, own.port, own.user, own.password, own.database, own.sslMode],
    ['other', 8, 'bob', 'x', 'e', 'disable'],
  );
  assert.equal(locate('postgres://bob@h', {}).database, 'bob');
});

test('without sslmode, hosts elsewhere are verified in full', () => {
  assert.equal(locate('postgres://u@db.example.com/d', {}).sslMode, 'verify-full');
  assert.equal(locate('postgres://u@10.0.0.1/d', {}).sslMode, 'verify-full');
  for (const host of ['localhost', '127.0.0.1', '[::1]', '%2Ftmp'])
    assert.equal(locate(`postgres://u@${host}/d`, {}).sslMode, 'prefer', host);
});

test('what is not understood is refused, and no password is shown', () => {
  refuses('postgres://u:s3cret@h/d?sslmode=bogus', /sslmode "bogus"/);
  refuses('postgres://u:s3cret@h/d?sslmode=no-verify', /no-verify/);
  refuses('postgres://u:s3cret@h/d', /sslmode "x"/, { PGSSLMODE: 'x' });
  refuses('postgres://u:s3cret@h/d?schema=x', /"schema"/);
  refuses('postgres://u:s3cret@h/d?options=-c%20x', /"options"/);
  refuses('postgres://u:s3cret%@h/d', /percent-code/);
  refuses('postgres://u:s3cret@h:0/d', /port/);
  refuses('postgres://u:s3cret@h:abc/d', /port/);
  refuses('postgres://u:s3cret@h1,h2/d', /one host/);
  refuses('postgres://u:s3cret@h/d%00', /NUL/);
  refuses('mysql://u:s3cret@h/d', /not a PostgreSQL URL/);
  assert.equal(locate('postgres://u@localhost/d?application_name=x&connect_timeout=3', {}).database, 'd');
});
