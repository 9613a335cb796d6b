import { defineConfig } from 'vitest/config'

export default defineConfig({
  // The project's own name resolves to its source, as for the type checker.
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['{src,providers,policies,test,examples}/**/*.test.ts'],
    exclude: ['test/workerd/**', '**/node_modules/**'],
    reporters: ['default', './test/support/reporter.ts'],
    setupFiles: ['./test/support/long-form.ts'],
    testTimeout: 20_000,
    pool: 'threads',
    maxWorkers: 2,
  },
})
