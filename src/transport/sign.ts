import type {
  Egress,
  Exchange,
  ExchangeHandler,
  Transport,
  UpstreamAuth,
  UpstreamRequest,
} from '#src/core/transport.ts'
import { createTokens } from './google-token.ts'
import type { Proof, SigningOptions } from './proof.ts'
import { createAwsSigner } from './sign-aws.ts'
import { signWebhook } from './sign-webhook.ts'

/**
 * A transport that makes the proof of identity which a request asks for (`auth`) and sends it on signed. Nothing is sent before the proof is
 * there, nor after `abort`; everything else is the inner transport's.
 */
export function createSigningTransport(inner: Transport, options: SigningOptions): Transport {
  const sign = createAwsSigner(options.clock)
  const tokens = createTokens(inner, options)
  const prove = (auth: UpstreamAuth, request: UpstreamRequest, egress: Egress): Promise<Proof> => {
    switch (auth.kind) {
      case 'aws-sigv4':
        return sign(request, auth)
      case 'google-service-account':
        return tokens.of(auth, egress)
      case 'webhook':
        return signWebhook(request, auth, options.clock)
    }
  }
  return {
    send(request, egress, handler) {
      if (request.auth === undefined) return inner.send(request, egress, handler)
      const { auth, ...bare } = request
      const proof = prove(auth, bare, egress)
      return sendOnce(proof, handler, ({ headers }) =>
        inner.send({ ...bare, headers: { ...bare.headers, ...headers } }, egress, handler),
      )
    },
    close: () => inner.close(),
  }
}

type Proven = Extract<Proof, { readonly failure?: undefined }>

/** An exchange that begins once its proof is there. */
function sendOnce(proof: Promise<Proof>, handler: ExchangeHandler, send: (proof: Proven) => Exchange): Exchange {
  let exchange: Exchange | undefined
  let over = false
  let paused = false
  void proof.then((known) => {
    if (over) return
    if (known.failure !== undefined) {
      over = true
      handler.fail(known.failure)
      return
    }
    exchange = send(known)
    if (paused) exchange.pause()
  })
  return {
    abort() {
      over = true
      exchange?.abort()
    },
    pause() {
      paused = true
      exchange?.pause()
    },
    resume() {
      paused = false
      exchange?.resume()
    },
  }
}
