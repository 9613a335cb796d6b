import type { Egress, Transport, TransportFailure, UpstreamRequest } from '#src/core/transport.ts'
import { bypassesProxy } from './egress.ts'
import { createBridge } from './node-exchange.ts'
import { createPools } from './node-pools.ts'
import type { PoolOptions, Pools } from './node-pools.ts'
import { createTargets, noBinding, withoutEncoding } from './request.ts'

/**
 * The transport of Node: HTTP/1.1 over undici's pools, without retries, redirects or any timeout but the connection's.
 * A 3xx answer is given as it is. Handlers must not throw: what `head` and `data` throw ends as `fail`, what `end` throws is lost.
 */
export function createUndiciTransport(options: PoolOptions = {}): Transport {
  const pools = createPools(options)
  const targets = createTargets()
  return {
    send(request, egress, handler) {
      const bridge = createBridge(handler, pools.isReset)
      const target = targets.of(request.url, egress)
      const failure =
        request.binding === undefined
          ? (target.refused ?? dispatch(pools, { request, egress, url: target.url, handler: bridge.dispatch }))
          : noBinding(request.binding)
      // Not at once: the caller has no exchange yet.
      if (failure !== undefined) queueMicrotask(() => bridge.fail(failure))
      return bridge.exchange
    },
    close: pools.close,
  }
}

interface Call {
  readonly request: UpstreamRequest
  readonly egress: Egress
  readonly url: URL
  readonly handler: Parameters<ReturnType<Pools['get']>['dispatch']>[1]
}

function dispatch(pools: Pools, { request, egress, url, handler }: Call): TransportFailure | undefined {
  const direct = egress.proxy === undefined || egress.proxy === '' || bypassesProxy(url, egress.noProxy)
  const call = {
    origin: url.origin,
    path: url.pathname + url.search,
    method: request.method,
    headers: withoutEncoding(request.headers),
    body: request.bytes ?? request.body ?? null,
    // Deadlines are the caller's business.
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  try {
    pools.get(egress, direct).dispatch(call, handler)
    return undefined
  } catch (cause) {
    // A proxy's address or a certificate that nothing can be made of.
    const message = cause instanceof Error ? cause.message : 'the connection cannot be set up'
    return { code: 'connect_failed', message, sentNothing: true, cause }
  }
}
