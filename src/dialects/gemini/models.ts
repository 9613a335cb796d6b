import type { ListedModel } from '../shared/listed-model.ts'

/** `GET /v1beta/models`: all of them on one page. */
export function renderModels(models: readonly ListedModel[]): string {
  return JSON.stringify({ models: models.map(modelObject) })
}

/** `GET /v1beta/models/{id}`. */
export function renderModel(model: ListedModel): string {
  return JSON.stringify(modelObject(model))
}

function modelObject({ id }: ListedModel) {
  return {
    name: `models/${id}`,
    displayName: id,
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent'],
  }
}
