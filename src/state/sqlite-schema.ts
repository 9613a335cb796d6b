import type { DatabaseSync } from 'node:sqlite'
import { KEEPSAKES, LEASES_MOVE, LEDGER, SCHEMA, SCHEMA_VERSION, TABLES } from './sql-schema.ts'

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

const CARRY = 'insert into carried select name, per, ends, spent from account where spent > 0;'
const NOTES = "insert into note select 'denial', name, value from denial; drop table denial;"

/** What a file of an older version lacks. */
const LATER: ReadonlyMap<unknown, string> = new Map([
  [1, ACCOUNTS + KEEPSAKES + LEDGER + CARRY],
  [2, ACCOUNTS + LEDGER + CARRY],
  [3, ACCOUNTS + LEDGER + CARRY + NOTES],
  [4, LEASES_MOVE + LEDGER + CARRY + NOTES],
  [5, LEASES_MOVE],
])

/** Makes the tables of a new file; throws for a file of a newer version. */
export function prepareSchema(db: DatabaseSync, path: string): void {
  db.exec('begin immediate')
  try {
    db.exec('create table if not exists schema_version (version integer not null)')
    const row = db.prepare('select version from schema_version').get()
    if (row === undefined) {
      db.exec(SCHEMA)
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
