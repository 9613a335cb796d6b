import { isObject, numberAt, objectAt, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'

/** What an answer says to whoever reads its bytes: its first choice, in no dialect. Written without the gateway's codecs, to judge them. */
export interface Plain {
  readonly text: string
  readonly refusal: string
  readonly reasoning: string
  readonly calls: readonly PlainCall[]
  readonly finish: PlainFinish | undefined
  readonly usage: PlainUsage
}

export interface PlainCall {
  readonly name: string
  /** Parsed; of tools that take text, the text. */
  readonly input: Json
}

export type PlainFinish = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'pause' | 'error'

/** Tokens; what was not reported is absent. `input` counts cached ones, `output` counts thoughts. */
export interface PlainUsage {
  readonly input?: number
  readonly output?: number
  readonly cached?: number
  readonly reasoning?: number
}

/** Reads a whole answer, or all events of a stream. */
export type Reader = (values: readonly JsonObject[], stream: boolean) => Plain

/** The objects of a body, by its form. */
export function valuesOf(bytes: Uint8Array, kind: string): readonly JsonObject[] {
  if (kind === 'eventstream') return framesOf(bytes)
  const text = new TextDecoder().decode(bytes)
  if (kind === 'sse') return eventsOf(text)
  const lines = kind === 'ndjson' ? text.split('\n') : [text]
  return lines.map((line) => parseJson(line)).filter(isObject)
}

/** The data of each event that is JSON. */
function eventsOf(text: string): readonly JsonObject[] {
  const blocks = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').split('\n\n')
  return blocks
    .map((block) => {
      const data = block.split('\n').filter((line) => line.startsWith('data:'))
      return parseJson(data.map((line) => line.slice('data:'.length)).join('\n'))
    })
    .filter(isObject)
}

/** Each frame's payload under the name of its event: lengths, headers of `[size] name [type 7] [size] value`, payload, checksum. */
function framesOf(bytes: Uint8Array): readonly JsonObject[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = (from: number, to: number): string => new TextDecoder().decode(bytes.subarray(from, to))
  const values: JsonObject[] = []
  for (let at = 0; at < bytes.length; at += view.getUint32(at)) {
    const body = at + 12 + view.getUint32(at + 4)
    let name = ''
    for (let head = at + 12; head < body;) {
      const value = head + 1 + view.getUint8(head)
      const end = value + 3 + view.getUint16(value + 1)
      if (text(head + 1, value) === ':event-type') name = text(value + 3, end)
      head = end
    }
    values.push({ [name]: parseJson(text(body, at + view.getUint32(at) - 4)) ?? null })
  }
  return values
}

/** Adds numbers, where one of them is there. */
export function sum(...numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((own) => own !== undefined)
  return known.length === 0 ? undefined : known.reduce((all, own) => all + own, 0)
}

/** Leaves out what is not known. */
export function usageOf(all: Readonly<Record<keyof PlainUsage, number | undefined>>): PlainUsage {
  const { input, output, cached, reasoning } = all
  return {
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...(cached !== undefined && { cached }),
    ...(reasoning !== undefined && { reasoning }),
  }
}

/** Arguments as text, or as the object that they are. */
export function inputOf(value: Json | undefined): Json {
  if (typeof value !== 'string') return value ?? {}
  return value.trim() === '' ? {} : (parseJson(value) ?? value)
}

/** A member's texts, one behind the other. */
export function joined(values: readonly (Json | undefined)[], name: string): string {
  return values.map((value) => stringAt(value, name) ?? '').join('')
}

/** The objects that stand there in some of the values. */
export function objectsAt(values: readonly (Json | undefined)[], name: string): readonly JsonObject[] {
  return values.map((value) => objectAt(value, name)).filter((own) => own !== undefined)
}

export const objects = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : []

/** The last that is known. */
export function last(owners: readonly (JsonObject | undefined)[], name: string): number | undefined {
  return owners.map((owner) => numberAt(owner, name)).findLast((own) => own !== undefined)
}
