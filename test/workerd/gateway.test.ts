import { describe, inject } from 'vitest'
import { describeDialects } from '../support/dialect-suite.ts'
import { describeGateway } from '../support/gateway-suite.ts'
import { startServed } from '../support/runtime.ts'

describe.skipIf(inject('bundles') === null)('the worker, in the runtime that Cloudflare runs', () => {
  describeGateway('workerd', startServed)
  describeDialects('workerd', startServed)
})
