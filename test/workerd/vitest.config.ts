import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Suites of recorded traffic that run on Node too: here the tutti in them is the worker. */
const RECORDED = ['test/clients/corpus.test.ts', 'test/clients/recorded/*.test.ts']

export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  test: {
    name: 'workerd',
    include: ['test/workerd/**/*.test.ts', ...RECORDED],
    setupFiles: ['test/support/long-form.ts'],
    globalSetup: ['test/workerd/bundle.ts'],
    reporters: ['default', './test/support/reporter.ts'],
    // On a machine that is busy with other things too.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'threads',
    maxWorkers: 2,
  },
})
