import type { DatabaseSync } from 'node:sqlite'

/** The schema that this version reads and writes. */
export const SCHEMA_VERSION = 4

/** Money is nano-USD and time ms since 1970, both in SQLite's 64-bit integers. */
const TABLES = `
create table account (
  name text not null, per text not null, ends integer, spent integer not null,
  primary key (name, per)
) without rowid;
create table purse (account text primary key, held integer not null) without rowid;
create table gate (name text primary key, slots integer not null, window blob not null) without rowid;
create table lease (
  kind text not null, id text not null, places text not null, amount integer not null, expires integer not null, done integer not null,
  primary key (kind, id)
) without rowid;
create index lease_expires on lease (expires);
`

/** Until version 4 there were keys alone: each is an account and a gate. Steps of before are known no more, and what they took expires. */
const ACCOUNTS = `
alter table account rename to old_account;
alter table purse rename to old_purse;
alter table gate rename to old_gate;
alter table lease rename to old_lease;
drop index lease_expires;
${TABLES}
insert into account select 'key/' || key, per, ends, spent from old_account;
insert into purse select 'key/' || key, held from old_purse;
insert into gate select 'key/' || key, slots, window from old_gate;
insert into lease select kind, id, json_array(json_array('key/' || key, second)), amount, expires, done from old_lease;
drop table old_account;
drop table old_purse;
drop table old_gate;
drop table old_lease;
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
  [1, ACCOUNTS + KEEPSAKES + DENIALS],
  [2, ACCOUNTS + DENIALS],
  [3, ACCOUNTS],
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
