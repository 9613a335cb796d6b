// tutti under Bun, by the same createGateway that any program embeds. `bun bench/bun-server.ts PORT CONFIG`
import { readFileSync } from 'node:fs'
import { createGateway } from '../src/index.ts'

declare const Bun: {
  serve(options: {
    port: number
    hostname: string
    idleTimeout: number
    fetch(request: Request): Promise<Response>
  }): unknown
}

const [port, config = ''] = process.argv.slice(2)
const gateway = await createGateway(readFileSync(config, 'utf8'))
Bun.serve({ port: Number(port), hostname: '127.0.0.1', idleTimeout: 255, fetch: (request) => gateway.fetch(request) })
