import { describe, inject } from 'vitest'
import type { DecisionRecord } from '#src/telemetry/telemetry.ts'
import { startWorkerd } from '../../scripts/workerd.ts'
import { describeDialects } from '../support/dialect-suite.ts'
import { describeGateway, type Served } from '../support/gateway-suite.ts'

const bundle = inject('bundle')

describe.skipIf(bundle === null)('the worker, in the runtime that Cloudflare runs', () => {
  const start = async (config: object): Promise<Served> => {
    if (bundle === null) throw new Error('there is no workerd here')
    const text = JSON.stringify(config)
    const workerd = await startWorkerd({ ...bundle, config: { ...bundle.config, text } })
    const decisions = (): readonly DecisionRecord[] =>
      workerd.lines.filter((line) => line.startsWith('{"outcome"')).map((line): DecisionRecord => JSON.parse(line))
    return { url: workerd.url, decisions, close: workerd.close }
  }
  describeGateway('workerd', start)
  describeDialects('workerd', start)
})
