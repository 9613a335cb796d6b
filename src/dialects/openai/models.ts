/** A name that a caller may ask for. */
export interface ListedModel {
  readonly id: string
  /** `tutti` for a route, else the provider's name. */
  readonly ownedBy: string
  /** Seconds since 1970; 0 where nobody knows. */
  readonly created?: number
}

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
