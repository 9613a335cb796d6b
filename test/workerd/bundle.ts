import { spawnSync } from 'node:child_process'
import { build } from 'esbuild'
import type { TestProject } from 'vitest/node'
import { bundleScript } from '../../scripts/bundle-script.ts'
import { bundleWorker, type Bundle } from '../../scripts/workerd.ts'
import { absent } from '../support/require.ts'

/** Each is one minified module and its configuration, but for those of tests. */
export interface Bundles {
  /** As it would be uploaded. */
  readonly worker: Bundle
  /** The same with an adapter for each form alone: `narrow` in test/clients/recorded/forms.ts. */
  readonly narrow: Bundle
  /** The module of test/workerd/replay-worker.ts. */
  readonly replay: string
  /** The module of test/workerd/state-worker.ts. */
  readonly state: string
}

declare module 'vitest' {
  interface ProvidedContext {
    /** null: there is no workerd here; undefined: the suite runs in this process. */
    readonly bundles: Bundles | null | undefined
  }
}

/** Bundles the worker once for all its suites. */
export default async function setup(project: TestProject): Promise<void> {
  const runs = spawnSync('node_modules/.bin/workerd', ['--version']).status === 0
  project.provide('bundles', absent('workerd', runs) ? null : await bundleAll())
}

async function bundleAll(): Promise<Bundles> {
  const worker = await bundleWorker()
  const aliases = { '#providers/registry.ts': './test/workerd/narrow-registry.ts' }
  const narrow = { ...worker, script: await bundleScript({ light: true, aliases }) }
  const [replay = '', state = ''] = await Promise.all(['replay', 'state'].map(bundleOwn))
  return { worker, narrow, replay, state }
}

async function bundleOwn(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`test/workerd/${name}-worker.ts`],
    external: ['cloudflare:*'],
    bundle: true,
    format: 'esm',
    write: false,
    conditions: ['source'],
  })
  return outputFiles[0]?.text ?? ''
}
