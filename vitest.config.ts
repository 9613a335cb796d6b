import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    reporters: ['default', './test/support/reporter.ts'],
    pool: 'threads',
    maxWorkers: 2,
    projects: [
      {
        // The project's own name resolves to its source, as for the type checker.
        ssr: { resolve: { conditions: ['source'] } },
        test: {
          name: 'node',
          include: ['{src,providers,policies,test,examples}/**/*.test.ts'],
          exclude: ['test/workerd/**', '**/node_modules/**'],
          setupFiles: ['./test/support/long-form.ts'],
          // On a machine that is busy with other things too.
          testTimeout: 60_000,
          // One of its packages has a source of its own under the same name, in TypeScript, which Node does not run there.
          server: { deps: { inline: [/\/ai\//, /\/@ai-sdk\//, 'eventsource-parser'] } },
        },
      },
      './test/workerd/vitest.config.ts',
    ],
  },
})
