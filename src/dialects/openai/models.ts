import type { ListedModel } from '../shared/listed-model.ts'

/** `GET /v1/models`. */
export function renderModels(models: readonly ListedModel[]): string {
  return JSON.stringify({ object: 'list', data: models.map(modelObject) })
}

/** `GET /v1/models/{id}`. */
export function renderModel(model: ListedModel): string {
  return JSON.stringify(modelObject(model))
}

function modelObject({ id, ownedBy, created = 0 }: ListedModel) {
  return { id, object: 'model', created, owned_by: ownedBy }
}
