import { describe, inject } from 'vitest'
import { describeEvasions } from '../support/evasion-suite.ts'
import { startServed } from '../support/runtime.ts'

describe.skipIf(inject('bundles') === null)('the worker under attack', () => {
  describeEvasions('workerd', startServed)
})
