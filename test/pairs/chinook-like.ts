// A music shop, made up and generated: the everyday kind of database, with composite keys, a self-reference and
// foreign keys in a chain. Seeded, so that every run moves the same rows.
import type { Table } from '../support/tables.ts';

const ARTISTS = 60;
const ALBUMS = 120;
const TRACKS = 1400;
const EMPLOYEES = 9;
const CUSTOMERS = 80;
const INVOICES = 300;
const PLAYLISTS = 12;

const WORDS = (
  'Blue River Été Sötnos Night “Quoted” Señor Rain O’Clock Straße Łódź Горизонт 東京 Slow Dance Fire & Ice ' +
  "Rock'n'Roll 100% 🎸 Solo Low\tTab New\nLine Back\\slash Semi;colon Com,ma"
).split(' ');

let state = 1;
/** A seeded number in 0 .. range-1 (xorshift). */
function random(range: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % range;
}

function words(most: number): string {
  return Array.from({ length: 1 + random(most) }, () => WORDS[random(WORDS.length)]).join(' ');
}

/** Null in one of `of` rows. */
function maybe(of: number, value: () => string): string | null {
  return random(of) === 0 ? null : value();
}

function id(most: number): string {
  return String(1 + random(most));
}

function money(most: number): string {
  return (random(most * 100) / 100).toFixed(2);
}

function day(firstYear: number, years: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${firstYear + random(years)}-${two(1 + random(12))}-${two(1 + random(28))}`;
}

function clock(): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(random(24))}:${two(random(60))}:${two(random(60))}`;
}

function rows(count: number, row: (number: string) => (string | null)[]): (string | null)[][] {
  return Array.from({ length: count }, (_, i) => row(String(i + 1)));
}

const playlistTracks = rows(PLAYLISTS, (playlist) => [playlist]).flatMap(([playlist]) =>
  Array.from({ length: 40 }, (_, i) => [playlist, String(1 + i * 30 + random(30)), String(i)]),
);

const invoiceLines = rows(INVOICES, (invoice) => [invoice]).flatMap(([invoice]) =>
  Array.from({ length: 1 + random(6) }, (_, i) => [
    invoice,
    String(i + 1),
    id(TRACKS),
    money(3),
    String(1 + random(3)),
  ]),
);

export const MUSIC_SHOP: readonly Table[] = [
  {
    name: 'Artist',
    columns: [
      { name: 'ArtistId', kind: 'int32', notNull: true },
      { name: 'Name', kind: 'text' },
    ],
    primaryKey: ['ArtistId'],
    rows: rows(ARTISTS, (number) => [number, maybe(20, () => words(3))]),
  },
  {
    name: 'Album',
    columns: [
      { name: 'AlbumId', kind: 'int32', notNull: true },
      { name: 'Title', kind: 'text', notNull: true },
      { name: 'ArtistId', kind: 'int32', notNull: true },
      { name: 'Released', kind: 'date' },
      { name: 'Cover', kind: 'blob' },
    ],
    primaryKey: ['AlbumId'],
    foreignKeys: [{ columns: ['ArtistId'], table: 'Artist', references: ['ArtistId'] }],
    indexes: [{ name: 'IX_AlbumArtist', columns: ['ArtistId'] }],
    rows: rows(ALBUMS, (number) => [
      number,
      words(5),
      id(ARTISTS),
      maybe(8, () => day(1960, 60)),
      maybe(3, () => `FFD8${number.padStart(4, '0')}${'00A1FE'.repeat(random(40))}`),
    ]),
  },
  {
    name: 'Track',
    columns: [
      { name: 'TrackId', kind: 'int32', notNull: true },
      { name: 'Name', kind: 'text', notNull: true },
      { name: 'AlbumId', kind: 'int32' },
      { name: 'Composer', kind: 'text' },
      { name: 'Milliseconds', kind: 'int32', notNull: true },
      { name: 'Bytes', kind: 'int64' },
      { name: 'UnitPrice', kind: 'decimal', precision: 10, scale: 2, notNull: true },
      { name: 'Loudness', kind: 'float64' },
      { name: 'Explicit', kind: 'bool', notNull: true, default: 'false' },
    ],
    primaryKey: ['TrackId'],
    foreignKeys: [{ columns: ['AlbumId'], table: 'Album', references: ['AlbumId'], onDelete: 'CASCADE' }],
    indexes: [{ name: 'IX_TrackAlbumName', columns: ['AlbumId', 'Name'] }],
    rows: rows(TRACKS, (number) => [
      number,
      words(6),
      maybe(30, () => id(ALBUMS)),
      maybe(2, () => words(4)),
      String(30_000 + random(900_000)),
      maybe(9, () => String(random(2 ** 31) * 1021)),
      money(2),
      maybe(5, () => String(-random(60_000) / 1024)),
      String(random(10) === 0),
    ]),
  },
  {
    name: 'Employee',
    columns: [
      { name: 'EmployeeId', kind: 'int32', notNull: true },
      { name: 'Name', kind: 'text', notNull: true },
      { name: 'ReportsTo', kind: 'int32' },
      { name: 'Hired', kind: 'timestamp', notNull: true },
    ],
    primaryKey: ['EmployeeId'],
    foreignKeys: [{ columns: ['ReportsTo'], table: 'Employee', references: ['EmployeeId'] }],
    rows: rows(EMPLOYEES, (number) => [
      number,
      words(2),
      number === '1' ? null : String(1 + random(Number(number) - 1)),
      `${day(2001, 20)} ${clock()}`,
    ]),
  },
  {
    name: 'Customer',
    columns: [
      { name: 'CustomerId', kind: 'uuid', notNull: true },
      { name: 'Email', kind: 'text', notNull: true },
      { name: 'SupportRepId', kind: 'int32' },
      { name: 'Likes', kind: 'json' },
    ],
    primaryKey: ['CustomerId'],
    uniques: [['Email']],
    foreignKeys: [
      { columns: ['SupportRepId'], table: 'Employee', references: ['EmployeeId'], onDelete: 'SET NULL' },
    ],
    rows: rows(CUSTOMERS, (number) => [
      customer(number),
      `customer.${number}@shop.example`,
      maybe(10, () => id(EMPLOYEES)),
      maybe(4, () => `{"genres": ["${WORDS[random(4)]}"],  "stars": ${random(5)}.50}`),
    ]),
  },
  {
    name: 'Invoice',
    columns: [
      { name: 'InvoiceId', kind: 'int64', notNull: true },
      { name: 'CustomerId', kind: 'uuid', notNull: true },
      { name: 'Billed', kind: 'timestamptz', notNull: true },
      { name: 'Total', kind: 'decimal', precision: 20, scale: 4, notNull: true },
    ],
    primaryKey: ['InvoiceId'],
    foreignKeys: [{ columns: ['CustomerId'], table: 'Customer', references: ['CustomerId'] }],
    rows: rows(INVOICES, (number) => [
      number,
      customer(id(CUSTOMERS)),
      `${day(2015, 10)} ${clock()}.${random(9) + 1}`,
      `${random(2 ** 31)}${String(random(1_000_000)).padStart(6, '0')}.${String(random(10_000)).padStart(4, '0')}`,
    ]),
  },
  {
    name: 'InvoiceLine',
    columns: [
      { name: 'InvoiceId', kind: 'int64', notNull: true },
      { name: 'Line', kind: 'int16', notNull: true },
      { name: 'TrackId', kind: 'int32', notNull: true },
      { name: 'UnitPrice', kind: 'decimal', precision: 10, scale: 2, notNull: true },
      { name: 'Quantity', kind: 'int16', notNull: true, default: '1' },
    ],
    primaryKey: ['InvoiceId', 'Line'],
    foreignKeys: [
      { columns: ['InvoiceId'], table: 'Invoice', references: ['InvoiceId'] },
      { columns: ['TrackId'], table: 'Track', references: ['TrackId'] },
    ],
    rows: invoiceLines,
  },
  {
    name: 'PlaylistTrack',
    columns: [
      { name: 'PlaylistId', kind: 'int32', notNull: true },
      { name: 'TrackId', kind: 'int32', notNull: true },
      { name: 'Position', kind: 'int32', notNull: true },
    ],
    primaryKey: ['PlaylistId', 'TrackId'],
    uniques: [['PlaylistId', 'Position']],
    foreignKeys: [{ columns: ['TrackId'], table: 'Track', references: ['TrackId'] }],
    rows: playlistTracks,
  },
];

function customer(number: string): string {
  return `5eed0000-0000-4000-8000-${number.padStart(12, '0')}`;
}
