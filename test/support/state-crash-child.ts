// Run as a program: takes some steps on the state file that it is given, then dies as by kill -9, in the middle of its
// work.
import { createSqliteStore } from '#src/state/sqlite.ts'
import { paying } from './paying.ts'
import { CRASH_KEY, START } from './state-crash.ts'

const { admit, hold, settle } = paying(createSqliteStore(process.argv[2] ?? ''), CRASH_KEY)
for (let i = 0; i < 3; i++) {
  await admit(`r${i}`, START, 100)
  await hold(`t${i}`, 40n, START)
}
await settle('t0', 33n, START)
process.kill(process.pid, 'SIGKILL')
