import type { DatabaseSync } from 'node:sqlite'

/** The schema that this version reads and writes. */
export const SCHEMA_VERSION = 5

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

/**
 * Came with version 5. What was spent before is carried: no row says it. `lines` and `places` are lists of accounts with their periods; an open
 * row is in `unbooked` for each other shard.
 */
const LEDGER = `
create table ledger (
  seq integer primary key, id text not null, shard text not null, at integer not null, bill integer not null,
  lines text not null, paid text
);
create index ledger_at on ledger (at);
create table unbooked (
  id text not null, shard text not null, other text not null, lines text not null, at integer not null, seq integer not null,
  primary key (id, shard, other)
) without rowid;
create table carried (
  name text not null, per text not null, ends integer, spent integer not null
);
create unique index carried_account on carried (name, per, ifnull(ends, -1));
create table note (kind text not null, name text not null, value text not null, primary key (kind, name)) without rowid;
`

const CARRY = 'insert into carried select name, per, ends, spent from account where spent > 0;'
const NOTES = "insert into note select 'denial', name, value from denial; drop table denial;"

/** What a file of an older version lacks. */
const LATER: ReadonlyMap<unknown, string> = new Map([
  [1, ACCOUNTS + KEEPSAKES + LEDGER + CARRY],
  [2, ACCOUNTS + LEDGER + CARRY],
  [3, ACCOUNTS + LEDGER + CARRY + NOTES],
  [4, LEDGER + CARRY + NOTES],
])

/** Makes the tables of a new file; throws for a file of a newer version. */
export function prepareSchema(db: DatabaseSync, path: string): void {
  db.exec('begin immediate')
  try {
    db.exec('create table if not exists schema_version (version integer not null)')
    const row = db.prepare('select version from schema_version').get()
    if (row === undefined) {
      db.exec(TABLES + KEEPSAKES + LEDGER)
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
