import { createServer, type Server, type ServerResponse } from 'node:http'
import { isObject, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'

/** What a fake Ollama says of its models. `show` is in the form of Ollama's `POST /api/show`, by the name that is asked for. */
export interface OllamaModels {
  [name: string]: JsonObject
}

export interface FakeOllama {
  /** `http://127.0.0.1:PORT/v1`. */
  readonly url: string
  readonly models: OllamaModels
  /** Bodies of what it was asked to answer: prompts. */
  readonly prompts: string[]
  /** Paths that it was asked about itself. */
  readonly inquiries: string[]
  /** Answers questions about itself: `at once` unless told otherwise. */
  manner: 'at once' | 'never' | 'with 500'
  /** Done before a prompt is answered; the status it is answered with. */
  chat: () => Promise<number>
  close(): Promise<void>
}

/** A server with Ollama's own interface beside OpenAI's, on a socket of this machine. */
export async function startOllama(models: OllamaModels): Promise<FakeOllama> {
  const prompts: string[] = []
  const inquiries: string[] = []
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const path = incoming.url ?? ''
      response.on('error', () => {})
      if (path.startsWith('/api/')) {
        inquiries.push(path)
        return describe(fake, response, path === '/api/tags' ? undefined : parseJson(text))
      }
      prompts.push(text)
      void fake.chat().then((status) => json(response, status, status === 200 ? answer() : { error: 'busy' }))
    })
  })
  const url = `http://127.0.0.1:${await listening(server)}/v1`
  const fake: FakeOllama = {
    url,
    models,
    prompts,
    inquiries,
    manner: 'at once',
    chat: () => Promise.resolve(200),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return fake
}

function describe({ manner, models }: FakeOllama, response: ServerResponse, asked: unknown): void {
  if (manner === 'never') return
  if (manner === 'with 500') return json(response, 500, { error: 'busy' })
  if (!isObject(asked)) {
    const rows = Object.entries(models).map(([name, { details = {}, remote_host, remote_model }]) => ({
      name: `${name}:latest`,
      model: `${name}:latest`,
      digest: 'sha256:0',
      details,
      ...(remote_host !== undefined && { remote_host, remote_model }),
    }))
    return json(response, 200, { models: rows })
  }
  const name = (stringAt(asked, 'model') ?? '').split(':')[0] ?? ''
  const model = models[name]
  if (model) json(response, 200, model)
  else json(response, 404, { error: `model '${name}' not found` })
}

function answer(): JsonObject {
  return {
    choices: [{ index: 0, message: { role: 'assistant', content: '안녕' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1 },
  }
}

function json(response: ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** As Ollama describes weights whose file says this of itself. */
export function shown(info: JsonObject, more: JsonObject = {}): JsonObject {
  const family = info['general.architecture']
  return {
    modelfile: '# made for this test',
    template: '{{ .Prompt }}',
    details: { parent_model: '', format: 'gguf', family: family ?? '', families: [family ?? ''] },
    model_info: info,
    capabilities: ['completion'],
    ...more,
  }
}

export const DEEPSEEK = shown({
  'general.architecture': 'deepseek2',
  'general.basename': 'DeepSeek-V2-Lite-Chat',
  'general.organization': 'Deepseek Ai',
})

export const KANANA = shown({
  'general.architecture': 'llama',
  'general.basename': 'Kanana-1.5',
  'general.name': 'Kanana 1.5 8b Instruct 2505',
  'general.organization': 'Kakaocorp',
  'general.license': 'apache-2.0',
})
