import { isObject, stringAt, type Json, type JsonObject } from '#src/core/json.ts'

/** Pieces of a call's arguments that came one by one, the last one first: a list that is never copied. */
export interface Pieces {
  readonly piece: JsonObject
  readonly before: Pieces | undefined
}

/** An array is filled by steps: a place far behind its end is none that a model writes. */
const MAX_GAP = 1024

type Node = Map<string, Value> | Value[]
type Value = Json | Node

/** The arguments that the pieces make up over what was there at first. Each names its place by a path: `$.items[0].name`. */
export function argumentsOf(first: JsonObject | undefined, pieces: Pieces | undefined): string {
  if (pieces === undefined) return textOf(first ?? {})
  const root: Node = new Map(Object.entries(first ?? {}).map(([key, value]) => [key, value ?? null]))
  for (const piece of inOrder(pieces)) {
    const path = pathOf(stringAt(piece, 'jsonPath') ?? '')
    if (path.length > 0) put(root, path, piece)
  }
  return textOf(plain(root))
}

function inOrder(last: Pieces): readonly JsonObject[] {
  const all: JsonObject[] = []
  for (let at: Pieces | undefined = last; at !== undefined; at = at.before) all.push(at.piece)
  return all.reverse()
}

/** Steps of a path: names as texts, places in arrays as numbers. A path that is none has no steps. */
export function pathOf(path: string): readonly (string | number)[] {
  const steps: (string | number)[] = []
  let at = path.startsWith('$') ? 1 : 0
  while (at < path.length) {
    const open = path.charAt(at)
    if (open === '[') {
      const quote = path.charAt(at + 1)
      const quoted = quote === "'" || quote === '"'
      const end = quoted ? path.indexOf(`${quote}]`, at + 2) : path.indexOf(']', at)
      if (end < 0) return []
      const step = path.slice(at + (quoted ? 2 : 1), end)
      steps.push(quoted ? step : numberOf(step))
      at = end + (quoted ? 2 : 1)
    } else {
      const begin = open === '.' ? at + 1 : at
      const end = endOfName(path, begin)
      if (end > begin) steps.push(path.slice(begin, end))
      at = Math.max(end, at + 1)
    }
  }
  return steps
}

function numberOf(step: string): string | number {
  const number = Number(step)
  return step !== '' && Number.isInteger(number) && number >= 0 ? number : step
}

function endOfName(path: string, from: number): number {
  let at = from
  while (at < path.length && path.charAt(at) !== '.' && path.charAt(at) !== '[') at++
  return at
}

function put(root: Node, path: readonly (string | number)[], piece: JsonObject): void {
  let node: Node = root
  for (const [at, step] of path.entries()) {
    const next = path[at + 1]
    if (next === undefined) return set(node, step, grown(get(node, step), piece))
    const known = get(node, step)
    const inner: Node = isNode(known) ? known : typeof next === 'number' ? [] : new Map<string, Value>()
    if (inner !== known) set(node, step, inner)
    node = inner
  }
}

function isNode(value: Value | undefined): value is Node {
  return value instanceof Map || isNodeArray(value)
}

function isNodeArray(value: Value | undefined): value is Value[] {
  return Array.isArray(value)
}

function get(node: Node, step: string | number): Value | undefined {
  if (node instanceof Map) return node.get(String(step))
  return typeof step === 'number' ? node[step] : undefined
}

function set(node: Node, step: string | number, value: Value): void {
  if (node instanceof Map) node.set(String(step), value)
  else if (typeof step === 'number' && step <= node.length + MAX_GAP) {
    while (node.length < step) node.push(null)
    node[step] = value
  }
}

/** A text may come in several pieces. */
function grown(before: Value | undefined, piece: JsonObject): Value {
  const { stringValue, numberValue, boolValue } = piece
  if (typeof stringValue === 'string') return typeof before === 'string' ? before + stringValue : stringValue
  if (typeof numberValue === 'number' || typeof boolValue === 'boolean') return numberValue ?? boolValue ?? null
  return null
}

function plain(value: Value): Json {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, own]) => [key, plain(own)]))
  return isNodeArray(value) ? value.map(plain) : value
}

function textOf(value: Json): string {
  try {
    return isObject(value) ? JSON.stringify(value) : '{}'
  } catch {
    // Nested deeper than the engine's stack: nobody meant that.
    return '{}'
  }
}
