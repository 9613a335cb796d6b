import { readFileSync } from 'node:fs'
import type { Adapter } from '#src/core/adapter.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { adapters } from '#providers/registry.ts'
import { SHARED } from './require.ts'

/** A recorded stream, and the adapter of the upstream that it is from, of an unknown host where it has none of its own. */
export interface RecordedStream {
  readonly id: string
  readonly bytes: Uint8Array
  readonly adapter: Adapter
  /** The wire form; a codec of the adapter speaks it. */
  readonly wire: string
  /** The endpoint at which this form is asked for as it is; undefined: nobody asks so. */
  readonly native: Endpoint | undefined
  /** Answers that were asked for. */
  readonly choices: number
}

interface Api {
  readonly type: string
  readonly wire: string
  readonly native?: Endpoint
}

const APIS: Readonly<Record<string, Api>> = {
  'openai.chat': { type: 'openai-compatible', wire: 'openai-chat', native: 'chat' },
  'openai.responses': { type: 'openai', wire: 'openai-responses', native: 'responses' },
  'anthropic.messages': { type: 'anthropic', wire: 'anthropic-messages', native: 'messages' },
  'gemini.stream': { type: 'gemini', wire: 'gemini', native: 'geminiGenerate' },
  'bedrock.converse-stream': { type: 'aws-bedrock', wire: 'bedrock-converse' },
  'cohere.v2': { type: 'cohere', wire: 'cohere-chat' },
  'clova.v3': { type: 'hyperclova-x-native', wire: 'hyperclova' },
  'ollama.chat': { type: 'ollama-native', wire: 'ollama-chat' },
}

/** Streams of more than one answer. */
const MANY: Readonly<Record<string, number>> = { 'mistral/chat-stream-n-gt-1-length': 3 }

/** The recorded streams of every chat-like form that has an adapter, up to `most` bytes. */
export function recordedStreams(most: number): readonly RecordedStream[] {
  const rows: readonly Row[] = JSON.parse(readFileSync(`${SHARED}/corpus/index.json`, 'utf8'))
  return rows
    .filter(({ stream, status, bytes, kind }) => stream && status === 200 && bytes <= most && kind !== 'json')
    .flatMap(({ id, file, api, provider }) => {
      const known = APIS[api]
      const speakers = [adapters.get(provider), adapters.get(known?.type ?? '')]
      const adapter = speakers.find((one) => one?.codecs?.some(({ wire }) => wire === known?.wire))
      if (!known || !adapter) return []
      const bytes = readFileSync(`${SHARED}/corpus/${file}`)
      return [{ id, bytes, adapter, wire: known.wire, native: known.native, choices: MANY[id] ?? 1 }]
    })
}

interface Row {
  readonly id: string
  readonly file: string
  readonly api: string
  readonly provider: string
  readonly kind: string
  readonly stream: boolean
  readonly status: number
  readonly bytes: number
}
