import { hostedModel, type InventoryReader } from '#src/core/inventory.ts'
import { arrayAt, stringAt } from '#src/core/json.ts'
import { bodiesOf, hostOf, inquiry } from '#providers/openai-compatible/inventory.ts'

const MODELS = '/api/v0/models'

/** LM Studio's own list of what is downloaded: who published the files, and the shape of the model. */
export const inventory: InventoryReader = {
  ask: (account) => [inquiry(account, hostOf(account), MODELS)],
  canonical(model) {
    // `id@q4_k_m` is one of its files, `id:2` one that was loaded again.
    const [id = ''] = model.toLowerCase().split('@')
    return id.split(':')[0] ?? id
  },
  read: (answers) =>
    bodiesOf(answers, MODELS)
      .flatMap((body) => arrayAt(body, 'data') ?? [])
      .flatMap((row) => {
        const id = stringAt(row, 'id')
        if (id === undefined) return []
        const publisher = stringAt(row, 'publisher')
        const name = publisher === undefined ? id : `${publisher}/${id}`
        return [hostedModel(id, { names: [name], architectures: [stringAt(row, 'arch')] })]
      }),
}
