import { ENDPOINTS, type Endpoint } from '#src/core/endpoint.ts'
import { badRequest, failure, FailureError, toFailure, type Failure } from '#src/core/failure.ts'
import { parseJson, type Json } from '#src/core/json.ts'
import { readMetadata, readTags } from '#src/core/labels.ts'
import type { Dialect, ReadContext } from '#src/core/dialect.ts'
import { isForm } from '#src/core/multipart.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { authenticate } from '#src/pipeline/authenticate.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import { informedFor } from '#src/pipeline/follow-hosts.ts'
import { once, readIdempotencyKey } from '#src/pipeline/once.ts'
import { serve } from '#src/pipeline/serve.ts'
import { createBodyCollector, type Channel } from './channel.ts'

/** What is asked for, and the address that says so. */
export interface Asked {
  readonly endpoint: Endpoint
  /** Percent-decoded. */
  readonly path: string
  readonly query: ReadonlyMap<string, string>
}

/** One request of a model's surface, from its bytes to its answer. Never rejects. */
export async function receive(gateway: Gateway, { endpoint, path, query }: Asked, channel: Channel): Promise<void> {
  const { snapshot, ports } = gateway
  const startedAt = ports.clock.now()
  const id = ports.newId()
  const dialect = ports.dialects[endpoint]
  try {
    // Who asks is settled before a byte is inflated or parsed.
    const key = await authenticate(snapshot, channel, ports)
    const asking = ports.inventory.attend(gateway)
    const context = { ...contextOf(channel, id), path, query }
    const name = readIdempotencyKey(channel.header('idempotency-key'))
    const request = await readRequest(channel, dialect, { context, limit: snapshot.server.bodyLimit })
    const cacheControl = channel
      .header('cache-control')
      ?.toLowerCase()
      .split(',')
      .map((one) => one.trim())
    const incoming = {
      snapshot: await informedFor(gateway, { snapshot, key, request }),
      key,
      request: {
        ...request,
        ...(channel.client && { client: channel.client }),
        ...(cacheControl && { cacheControl }),
      },
      sink: channel.sink,
      startedAt,
    }
    await (name === undefined ? serve(gateway, incoming) : once(gateway, { incoming, name, path, query }))
    if (ports.isolated) await asking
  } catch (error) {
    const refused = toFailure(error)
    ports.telemetry.refused(ENDPOINTS[endpoint], refused.status)
    sendFailure(gateway, channel, { id, epoch: snapshot.epoch, dialect, why: refused })
  }
}

interface Refused {
  readonly id: string
  readonly epoch: string
  readonly dialect: Dialect
  readonly why: Failure
}

/** Answers with a failure in the caller's dialect. */
export function sendFailure({ ports }: Gateway, channel: Channel, { id, epoch, dialect, why }: Refused): void {
  const { status, headers, body } = dialect.renderFailure(why, id)
  if (status === 401) ports.telemetry.unauthorized(channel.client?.ip)
  channel.sink.send(status, { ...standardHeaders(id, epoch, dialect.requestIdHeader), ...headers }, body)
}

/** Headers of every answer; `name` is the dialect's own for the request's id. */
export function standardHeaders(id: string, epoch: string, name = 'x-request-id'): Record<string, string> {
  return { 'content-type': 'application/json', 'x-tutti-request-id': id, [name]: id, 'x-tutti-epoch': epoch }
}

interface Reading {
  readonly context: ReadContext
  /** In bytes. */
  readonly limit: number
}

async function readRequest(
  channel: Channel,
  { form, read }: Pick<Dialect, 'form' | 'read'>,
  { context, limit }: Reading,
): Promise<ApiRequest> {
  const contentType = channel.header('content-type') ?? ''
  if (form && isForm(contentType)) return form.read({ bytes: await readBytes(channel, limit), contentType }, context)
  if (!form?.required) return read(await readText(channel, limit), context)
  throw badRequest('the body must be `multipart/form-data`')
}

/** The body's bytes, inflated where the caller deflated it; never more than `limit` of them. */
async function readBytes(channel: Channel, limit: number): Promise<Uint8Array> {
  return inflated(await channel.bytes(limit), channel.header('content-encoding'), limit)
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** The body as text, inflated where the caller deflated it; never more than `limit` bytes of it. */
export async function readText(channel: Channel, limit: number): Promise<string> {
  const bytes = await readBytes(channel, limit)
  try {
    return strictUtf8.decode(bytes)
  } catch {
    throw badRequest('the request body is not UTF-8')
  }
}

const ENCODINGS: Readonly<Record<string, 'gzip' | 'deflate'>> = { gzip: 'gzip', 'x-gzip': 'gzip', deflate: 'deflate' }

async function inflated(bytes: Uint8Array, encoding: string | undefined, limit: number): Promise<Uint8Array> {
  const name = encoding?.trim().toLowerCase()
  if (name === undefined || name === '' || name === 'identity') return bytes
  const format = ENCODINGS[name]
  if (!format)
    throw new FailureError(
      failure('unsupported_encoding', `the content encoding \`${name}\` is not taken here: use gzip, deflate or none`),
    )
  const collector = createBodyCollector(limit)
  try {
    const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream(format))
    for await (const chunk of stream) collector.add(chunk)
  } catch (error) {
    if (error instanceof FailureError) throw error
    throw badRequest(`the request body is not ${format} data`)
  }
  return collector.whole()
}

/** Longest value of a header that is parsed, in characters. */
const MAX_HEADER = 8192

function contextOf(channel: Channel, id: string): ReadContext {
  const timeout = channel.header('x-tutti-timeout-ms')
  return {
    id,
    header: (name) => channel.header(name),
    tags: readTags(channel.header('x-tutti-tags') ?? ''),
    metadata: metadataOf(channel.header('x-tutti-metadata')),
    ...(timeout !== undefined && { timeoutMs: timeoutOf(timeout) }),
  }
}

function metadataOf(value: string | undefined): Readonly<Record<string, Json>> {
  if (value === undefined) return {}
  const metadata = value.length <= MAX_HEADER ? readMetadata(parseJson(value)) : undefined
  if (!metadata) throw badHeader('x-tutti-metadata', 'a JSON object')
  return metadata
}

function timeoutOf(value: string): number {
  const ms = Number(value)
  if (!Number.isInteger(ms) || ms <= 0) throw badHeader('x-tutti-timeout-ms', 'a whole number of milliseconds above 0')
  return ms
}

function badHeader(name: string, expected: string): FailureError {
  return badRequest(`the header \`${name}\` must be ${expected}`, name)
}
