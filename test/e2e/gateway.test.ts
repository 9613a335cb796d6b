import { describeGateway } from '../support/gateway-suite.ts'
import { startGateway } from '../support/gateway.ts'

describeGateway('node', async (config) => {
  const { url, decisions, close } = await startGateway(config)
  return { url, decisions: () => decisions, close }
})
