import { describeDialects } from '../support/dialect-suite.ts'
import { describeGateway } from '../support/gateway-suite.ts'
import { startServed } from '../support/runtime.ts'

describeGateway('node', startServed)
describeDialects('node', startServed)
