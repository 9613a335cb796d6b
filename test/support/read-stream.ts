import { isObject, parseJson, type Json, type JsonObject } from '#src/core/json.ts'

/** What a reader of an event stream has at the end of it; written without the gateway's own reader, to judge it. */
export interface Collected {
  /** Everything said, by choice and member; texts joined. */
  readonly said: Readonly<Record<string, string>>
  readonly done: boolean
  /** The last event that held an error. */
  readonly error: JsonObject | undefined
  /** Events behind the error or behind `[DONE]`. */
  readonly behind: number
  readonly usage: JsonObject | undefined
}

/** Reads a whole stream's text. Throws where an event is neither JSON nor `[DONE]`. */
export function collect(text: string): Collected {
  const said = new Map<string, string>()
  let done = false
  let error: JsonObject | undefined
  let usage: JsonObject | undefined
  let behind = 0
  for (const data of dataOf(text)) {
    if (done || error) behind++
    if (data.trim() === '[DONE]') {
      done = true
      continue
    }
    const value = parseJson(data)
    if (!isObject(value)) throw new Error(`an event is not JSON: ${data}`)
    if (isObject(value['error'])) error = value
    if (isObject(value['usage'])) usage = value['usage']
    const { choices } = value
    if (Array.isArray(choices)) for (const [at, choice] of choices.entries()) hear(said, choice, at)
  }
  return { said: Object.fromEntries([...said].toSorted()), done, error, behind, usage }
}

function hear(said: Map<string, string>, choice: Json, position: number): void {
  if (!isObject(choice)) return
  const own = String(choice['index'] ?? position)
  // Some repeat the whole message beside each delta.
  for (const name of ['delta', 'text', 'finish_reason', 'error']) add(said, `${own}.${name}`, choice[name])
}

/** Texts are joined, all else is replaced: a stream repeats ids and roles. */
function add(said: Map<string, string>, path: string, value: Json | undefined): void {
  if (value === undefined || value === null || value === '') return
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries())
      add(said, `${path}.${String(isObject(item) ? (item['index'] ?? at) : at)}`, item)
  } else if (isObject(value)) for (const name of Object.keys(value)) add(said, `${path}.${name}`, value[name])
  else if (typeof value === 'string' && !isName(path)) said.set(path, (said.get(path) ?? '') + value)
  else said.set(path, String(value))
}

function isName(path: string): boolean {
  return ['.role', '.id', '.type', '.finish_reason'].some((end) => path.endsWith(end))
}

function dataOf(text: string): readonly string[] {
  const plain = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
  return plain.split('\n\n').flatMap((block) => {
    const lines = block.split('\n').filter((line) => line.startsWith('data:'))
    return lines.length === 0 ? [] : [lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n')]
  })
}
