import type { Adapter } from '#src/core/adapter.ts'
import { ollamaInventory } from '#providers/openai-compatible/inventory-ollama.ts'
import { observe } from '#providers/openai-compatible/observe.ts'
import { chatCodec } from './codec.ts'
import { decodeError } from './map-error.ts'
import { QUIRKS } from './wire.ts'

/** Ollama's own interface: what its OpenAI-compatible one has no words for, such as the size of the context. */
export const ollamaNative: Adapter = {
  type: 'ollama-native',
  title: 'Ollama (native)',
  endpoints: [],
  codecs: [chatCodec],
  settings: {
    numCtx: {
      required: false,
      secret: false,
      description: 'tokens of context that models are loaded with; longer prompts are cut without a word',
    },
  },
  baseUrl: 'http://127.0.0.1:11434',
  local: true,
  // They run on ollama.com.
  elsewhere: { endings: ['-cloud', ':cloud'], facts: { operator: 'ollama', local: false } },
  inventory: ollamaInventory,
  credential: 'optional',
  modelsMustBeDeclared: false,
  aggregator: false,
  facts: {},
  streamEnd: 'done-required',
  encode() {
    throw new RangeError('there is no endpoint that Ollama speaks itself')
  },
  decodeError,
  observe: (value, kind) => observe(value, kind, QUIRKS),
}
