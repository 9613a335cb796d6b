import type { DatabaseSync } from 'node:sqlite'

/** The schema that this version reads and writes. */
export const SCHEMA_VERSION = 3

/** Money is nano-USD and time ms since 1970, both in SQLite's 64-bit integers. */
const TABLES = `
create table account (
  key text not null, per text not null, ends integer, spent integer not null,
  primary key (key, per)
) without rowid;
create table purse (key text primary key, held integer not null) without rowid;
create table gate (key text primary key, slots integer not null, window blob not null) without rowid;
create table lease (
  kind text not null, id text not null, key text not null,
  amount integer not null, second integer not null, expires integer not null, done integer not null,
  primary key (kind, id)
) without rowid;
create index lease_expires on lease (expires);
`

/** Came with version 2. */
const KEEPSAKES = `
create table keepsake (
  owner text not null, kind text not null, id text not null, value text not null, expires integer not null,
  primary key (owner, kind, id)
);
create index keepsake_expires on keepsake (expires);
`

/** Came with version 3. */
const DENIALS = 'create table denial (name text primary key, value text not null) without rowid;'

/** What a file of an older version lacks. */
const LATER: ReadonlyMap<unknown, string> = new Map([
  [1, KEEPSAKES + DENIALS],
  [2, DENIALS],
])

/** Makes the tables of a new file; throws for a file of a newer version. */
export function prepareSchema(db: DatabaseSync, path: string): void {
  db.exec('begin immediate')
  try {
    db.exec('create table if not exists schema_version (version integer not null)')
    const row = db.prepare('select version from schema_version').get()
    if (row === undefined) {
      db.exec(TABLES + KEEPSAKES + DENIALS)
      db.exec(`insert into schema_version values (${SCHEMA_VERSION})`)
    } else if (LATER.has(row['version'])) {
      db.exec(`${LATER.get(row['version']) ?? ''} update schema_version set version = ${SCHEMA_VERSION}`)
    } else if (row['version'] !== SCHEMA_VERSION) {
      throw new Error(
        `\`${path}\` has state of schema ${String(row['version'])}; this version reads ${SCHEMA_VERSION}: use the tutti that wrote it, or another path`,
      )
    }
    db.exec('commit')
  } catch (error) {
    db.exec('rollback')
    throw error
  }
}
