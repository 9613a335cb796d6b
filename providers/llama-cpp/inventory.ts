import type { InventoryReader } from '#src/core/inventory.ts'
import { stringAt } from '#src/core/json.ts'
import { bodiesOf, hostOf, inquiry, whatever } from '#providers/openai-compatible/inventory.ts'

const PROPS = '/props'

/** llama.cpp's server has one model, and answers whatever name it is asked by; its alias says nothing of it. */
export const inventory: InventoryReader = {
  ask: (account) => [inquiry(account, hostOf(account), PROPS)],
  read: (answers) => bodiesOf(answers, PROPS).map((body) => whatever(stringAt(body, 'model_path'))),
}
