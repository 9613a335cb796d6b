import { appendFileSync } from 'node:fs'
import fc from 'fast-check'

/** A short form keeps fast-check's own settings; `npm run laws:long` gives a seed, a time limit and a file for what was reached. */
const { TUTTI_LAW_SEED: seed, TUTTI_LAW_COUNTS: counts, TUTTI_LAW_SECONDS: seconds } = process.env

if (seed !== undefined && counts !== undefined) {
  fc.configureGlobal({
    seed: Number(seed),
    interruptAfterTimeLimit: Number(seconds ?? '100') * 1000,
    reporter(details) {
      appendFileSync(counts, `${details.numRuns}\n`)
      if (details.failed) throw new Error(fc.defaultReportMessage(details))
    },
  })
}
