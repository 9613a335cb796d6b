import { arrayAt, isObject, numberAt, parseJson, type Json } from '#src/core/json.ts'
import type { Located, Source } from './source.ts'

/**
 * A file that was read before, as a text that needs no parser of YAML: what a worker's build lays into it, for that parser weighs 27 KB gzip. Places
 * stay those of the file. Only of a source without problems.
 */
export function prepare(source: Source, text: string): string {
  if (!source.root || source.problems.length > 0) throw new TypeError('a file with problems is not prepared')
  const lines = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.push(at + 1)
  return JSON.stringify({ lines, root: packed(source.root) })
}

/** A prepared file as a source. Throws TypeError for what `prepare` did not write. */
export function readPrepared(text: string): Source {
  const value = parseJson(text)
  const lines = (arrayAt(value, 'lines') ?? []).filter((line) => typeof line === 'number')
  if (!isObject(value) || lines.length === 0) throw new TypeError('this is no prepared configuration')
  return {
    root: unpacked(value['root'] ?? null),
    problems: [],
    position(offset) {
      const after = lines.findIndex((start) => start > offset)
      const line = after < 0 ? lines.length : after
      return { line, column: offset - (lines[line - 1] ?? 0) + 1 }
    },
  }
}

/** One letter a member: the file is in every isolate. */
function packed({ at, keyAt, content }: Located): Json {
  const place = { a: at, ...(keyAt !== undefined && { k: keyAt }) }
  switch (content.kind) {
    case 'map':
      return { ...place, m: [...content.entries].map(([name, value]) => [name, packed(value)]) }
    case 'list':
      return { ...place, l: content.items.map(packed) }
    case 'scalar':
      return { ...place, v: content.value }
  }
}

function unpacked(value: Json): Located {
  const keyAt = numberAt(value, 'k')
  const place = { at: numberAt(value, 'a') ?? 0, ...(keyAt !== undefined && { keyAt }) }
  const [map, list] = [arrayAt(value, 'm'), arrayAt(value, 'l')]
  if (map) return { ...place, content: { kind: 'map', entries: new Map(map.map(entryOf)) } }
  if (list) return { ...place, content: { kind: 'list', items: list.map(unpacked) } }
  const scalar = isObject(value) ? (value['v'] ?? null) : null
  return { ...place, content: { kind: 'scalar', value: typeof scalar === 'object' ? null : scalar } }
}

function entryOf(entry: Json): readonly [string, Located] {
  const [name, value] = Array.isArray(entry) ? entry : []
  if (typeof name !== 'string') throw new TypeError('this is no prepared configuration')
  return [name, unpacked(value ?? null)]
}
