import { failure, FailureError } from '#src/core/failure.ts'
import * as anthropic from '#src/dialects/anthropic-messages/models.ts'
import * as gemini from '#src/dialects/gemini/models.ts'
import * as openai from '#src/dialects/openai/models.ts'
import type { ListedModel } from '#src/dialects/shared/listed-model.ts'
import { authenticate } from '#src/pipeline/authenticate.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import { visibleModels } from '#src/pipeline/models.ts'
import type { Channel } from './channel.ts'
import { standardHeaders } from './receive.ts'

const PREFIXES = ['/v1beta/models/', '/v1/models/']

/**
 * How each dialect lists models. Google's has a path of its own, but its client asks for the stable version on OpenAI's path, with its own name
 * for the key; Anthropic's clients say their API's version there.
 */
function formOf(channel: Channel, path: string): typeof openai | typeof anthropic | typeof gemini {
  if (path.startsWith('/v1beta/') || channel.header('x-goog-api-key') !== undefined) return gemini
  return channel.header('anthropic-version') === undefined ? openai : anthropic
}

/** `GET /v1/models`, `GET /v1beta/models`: the names that this caller may use and that the rules leave a target for. */
export async function modelsRoute(gateway: Gateway, channel: Channel, path: string): Promise<void> {
  send(gateway, channel, formOf(channel, path).renderModels(await models(gateway, channel)))
}

/** `GET /v1/models/{id}`, `GET /v1beta/models/{id}`; the id may hold slashes, escaped or not. */
export async function modelRoute(gateway: Gateway, channel: Channel, path: string): Promise<void> {
  const prefix = PREFIXES.find((one) => path.startsWith(one)) ?? ''
  const id = decoded(path.slice(prefix.length))
  const model = (await models(gateway, channel)).find((one) => one.id === id)
  if (!model)
    throw new FailureError(
      failure('model_not_found', `the model \`${id}\` does not exist or you do not have access to it`, {
        param: 'model',
      }),
    )
  send(gateway, channel, formOf(channel, path).renderModel(model))
}

function send(gateway: Gateway, channel: Channel, body: string): void {
  channel.sink.send(200, standardHeaders(gateway.ports.newId(), gateway.snapshot.epoch), body)
}

async function models(gateway: Gateway, channel: Channel): Promise<readonly ListedModel[]> {
  const key = await authenticate(gateway.snapshot, channel, gateway.ports)
  return visibleModels(gateway.snapshot, key)
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
