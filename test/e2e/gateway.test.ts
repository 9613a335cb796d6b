import { describeDialects } from '../support/dialect-suite.ts'
import { describeGateway, type Served } from '../support/gateway-suite.ts'
import { startGateway } from '../support/gateway.ts'

const start = async (config: object): Promise<Served> => {
  const { url, decisions, close } = await startGateway(config)
  return { url, decisions: () => decisions, close }
}

describeGateway('node', start)
describeDialects('node', start)
