import { expect, test } from 'vitest'
import { renderModel, renderModels } from './models.ts'

test('a list and one of it', () => {
  const model = { id: 'openai/gpt-6-luna', object: 'model', created: 0, owned_by: 'openai' }
  expect(JSON.parse(renderModel({ id: model.id, ownedBy: 'openai' }))).toEqual(model)
  expect(JSON.parse(renderModels([{ id: model.id, ownedBy: 'openai' }]))).toEqual({ object: 'list', data: [model] })
  expect(JSON.parse(renderModels([]))).toEqual({ object: 'list', data: [] })
})
