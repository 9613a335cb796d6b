import type { ListedModel } from '../shared/listed-model.ts'

/** `GET /v1/models` of a client that says which version of Anthropic's API it speaks: all of them on one page. */
export function renderModels(models: readonly ListedModel[]): string {
  const ids = models.map(({ id }) => id)
  return JSON.stringify({
    data: models.map(modelObject),
    has_more: false,
    first_id: ids.at(0) ?? null,
    last_id: ids.at(-1) ?? null,
  })
}

/** `GET /v1/models/{id}`. */
export function renderModel(model: ListedModel): string {
  return JSON.stringify(modelObject(model))
}

function modelObject({ id, created = 0 }: ListedModel) {
  return { type: 'model', id, display_name: id, created_at: new Date(created * 1000).toISOString() }
}
