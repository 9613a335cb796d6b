import type { InventoryReader } from '#src/core/inventory.ts'
import { arrayAt, stringAt } from '#src/core/json.ts'
import { bodiesOf, hostOf, inquiry, listed, whatever } from '#providers/openai-compatible/inventory.ts'

const INFO = '/get_model_info'

/** SGLang serves one model under any name; its adapters (LoRA) stand in the list of models. Newer versions say the shape too. */
export const inventory: InventoryReader = {
  ask: (account) => [inquiry(account, hostOf(account), INFO), ...listed.ask(account, [])],
  read: (answers) => [
    ...listed.read(answers),
    ...bodiesOf(answers, INFO).map((body) =>
      whatever(stringAt(body, 'model_path'), [
        stringAt(body, 'model_type'),
        ...(arrayAt(body, 'architectures') ?? []).filter((name) => typeof name === 'string'),
      ]),
    ),
  ],
}
