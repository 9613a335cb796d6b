/** What an adapter asks the network for. It holds no socket and no promise: transport sends it. */
export interface UpstreamRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** A body that is no text, in the place of `body`. */
  readonly bytes?: Uint8Array<ArrayBuffer>
  /** How it is to be signed just before it is sent. */
  readonly auth?: UpstreamAuth
  /** The worker's binding to a service that is asked instead of the network. */
  readonly binding?: string
}

/** A proof of identity that has to be made for each request, or fetched: transport does it, since adapters do no I/O and have no clock. */
export type UpstreamAuth =
  | {
      readonly kind: 'aws-sigv4'
      readonly service: string
      readonly region: string
      readonly accessKeyId: string
      readonly secretAccessKey: string
      readonly sessionToken?: string
    }
  | {
      readonly kind: 'google-service-account'
      readonly clientEmail: string
      /** PEM text. */
      readonly privateKey: string
      readonly tokenUri: string
      readonly scope: string
    }
  /** Standard Webhooks; no secret: what is sent is named and dated, and not signed. */
  | { readonly kind: 'webhook'; readonly id: string; readonly secret?: string }

/** An upstream's head: lower-case names, several values joined with `, `. */
export interface UpstreamHead {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** Why an exchange failed below HTTP. */
export interface TransportFailure {
  readonly code:
    | 'connect_timeout'
    | 'connect_failed'
    | 'refused_address'
    | 'closed'
    | 'bad_encoding'
    | 'redirected'
    | 'aborted'
    /** No proof of identity could be made for it. */
    | 'unsigned'
  readonly message: string
  /** True when the upstream cannot have seen the request: it is safe to send it again. */
  readonly sentNothing: boolean
  readonly cause?: unknown
}

/** What happens on one exchange, in order: head once, data any number of times, then exactly one of end and fail. */
export interface ExchangeHandler {
  head(head: UpstreamHead): void
  /** The chunk belongs to the handler: transport does not write into it again. */
  data(chunk: Uint8Array): void
  /** The answer ended as its framing says it must. */
  end(): void
  fail(failure: TransportFailure): void
}

/** One exchange under way. After `abort` the handler hears nothing more. */
export interface Exchange {
  abort(): void
  /** Back-pressure: no `data` after `pause` until `resume` (what is already decoded may still come). */
  pause(): void
  resume(): void
}

/** How to reach one provider. */
export interface Egress {
  /** Private, loopback and link-local addresses are refused unless the operator wrote `local: true`. */
  readonly local: boolean
  readonly proxy?: string
  /** Hosts that bypass the proxy, as in `NO_PROXY`. */
  readonly noProxy?: string
  /** PEM text of a private certificate authority. */
  readonly ca?: string
  readonly connectTimeoutMs: number
}

/** The one way out. Redirects are never followed, content encodings are undone. */
export interface Transport {
  send(request: UpstreamRequest, egress: Egress, handler: ExchangeHandler): Exchange
  /** Lets go of pooled connections. */
  close(): Promise<void>
}
