/** The tables that this version reads and writes. */
export const SCHEMA_VERSION = 6

/** By step before kind: what a request takes lies side by side, among the newest. */
const LEASE = `
create table lease (
  kind text not null, id text not null, places text not null, amount integer not null, expires integer not null, done integer not null,
  primary key (id, kind)
) without rowid;
create index lease_expires on lease (expires);
`

/** Until version 5 they lay by kind. */
export const LEASES_MOVE = `
alter table lease rename to old_lease;
drop index lease_expires;
${LEASE}
insert into lease select * from old_lease;
drop table old_lease;
`

/** Money is nano-USD and time ms since 1970, both in SQLite's 64-bit integers. */
export const TABLES = `
create table account (
  name text not null, per text not null, ends integer, spent integer not null,
  primary key (name, per)
) without rowid;
create table purse (account text primary key, held integer not null) without rowid;
create table gate (name text primary key, slots integer not null, window blob not null) without rowid;
${LEASE}`

/** Came with version 2. */
export const KEEPSAKES = `
create table keepsake (
  owner text not null, kind text not null, id text not null, value text not null, expires integer not null,
  primary key (owner, kind, id)
);
create index keepsake_expires on keepsake (expires);
`

/**
 * Came with version 5. What was spent before is carried: no row says it. `lines` and `places` are lists of accounts with their periods; an open
 * row is in `unbooked` for each other shard. No `seq` comes twice: a cursor stays true when rows are forgotten.
 */
export const LEDGER = `
create table ledger (
  seq integer primary key autoincrement, id text not null, shard text not null, at integer not null, bill integer not null,
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

/** All tables, where there are none. */
export const SCHEMA = TABLES + KEEPSAKES + LEDGER
