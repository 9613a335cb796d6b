// Run as a program: takes some steps on the state file that it is given, then dies as by kill -9, in the middle of its
// work.
import { createSqliteStore } from '#src/state/sqlite.ts'
import { CRASH_KEY, START } from './state-crash.ts'

const store = createSqliteStore(process.argv[2] ?? '')
for (let i = 0; i < 3; i++) {
  await store.admit({ id: `r${i}`, key: CRASH_KEY, tokens: 100, now: START, expiresAt: START + 60_000 })
  await store.hold({ id: `t${i}`, key: CRASH_KEY, amount: 40n, now: START, expiresAt: START + 60_000 })
}
await store.settle('t0', CRASH_KEY, 33n, START)
process.kill(process.pid, 'SIGKILL')
