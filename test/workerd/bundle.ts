import { spawnSync } from 'node:child_process'
import type { TestProject } from 'vitest/node'
import { bundleWorker, type Bundle } from '../../scripts/workerd.ts'
import { absent } from '../support/require.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** null: there is no workerd here. */
    readonly bundle: Bundle | null
  }
}

/** Bundles the worker once for all its suites, as it would be uploaded. */
export default async function setup(project: TestProject): Promise<void> {
  const runs = spawnSync('node_modules/.bin/workerd', ['--version']).status === 0
  project.provide('bundle', absent('workerd', runs) ? null : await bundleWorker())
}
