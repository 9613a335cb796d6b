import { failure, FailureError } from '#src/core/failure.ts'
import { authenticate } from '#src/pipeline/authenticate.ts'
import { visibleModels } from '#src/pipeline/models.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import type { Channel } from './channel.ts'
import { renderModel, renderModels, type ListedModel } from '#src/dialects/openai/models.ts'
import { standardHeaders } from './receive.ts'

const PREFIX = '/v1/models/'

/** `GET /v1/models`: the names that this caller may use and that the rules leave a target for. */
export async function modelsRoute(gateway: Gateway, channel: Channel): Promise<void> {
  send(gateway, channel, renderModels(await models(gateway, channel)))
}

/** `GET /v1/models/{id}`; the id may hold slashes, escaped or not. */
export async function modelRoute(gateway: Gateway, channel: Channel, path: string): Promise<void> {
  const id = decoded(path.slice(PREFIX.length))
  const model = (await models(gateway, channel)).find((one) => one.id === id)
  if (!model)
    throw new FailureError(
      failure('model_not_found', `the model \`${id}\` does not exist or you do not have access to it`, {
        param: 'model',
      }),
    )
  send(gateway, channel, renderModel(model))
}

function send(gateway: Gateway, channel: Channel, body: string): void {
  channel.sink.send(200, standardHeaders(gateway.ports.newId(), gateway.snapshot.epoch), body)
}

async function models(gateway: Gateway, channel: Channel): Promise<readonly ListedModel[]> {
  const key = await authenticate(gateway.snapshot, channel, gateway.ports.hash)
  return visibleModels(gateway.snapshot, key)
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
