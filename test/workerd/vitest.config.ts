import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  test: {
    include: ['test/workerd/**/*.test.ts'],
    globalSetup: ['test/workerd/bundle.ts'],
    reporters: ['default', './test/support/reporter.ts'],
    testTimeout: 20_000,
    pool: 'threads',
    maxWorkers: 2,
  },
})
