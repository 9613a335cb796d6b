import type { Json } from '#src/core/json.ts'

const WIDTH = 136

/** JSON to be read and compared by people: what fits a line stands on one. Members stay in their order. */
export function prettyJson(value: Json | undefined, indent = '', taken = 0): string {
  const flat = flatJson(value)
  if (value === null || typeof value !== 'object' || flat.length + indent.length + taken <= WIDTH) return flat
  const deeper = `${indent}  `
  if (Array.isArray(value)) return `[\n${value.map((own) => deeper + prettyJson(own, deeper)).join(',\n')}\n${indent}]`
  const members = Object.entries(value).map(([name, own]) => {
    const key = `${JSON.stringify(name)}: `
    return deeper + key + prettyJson(own, deeper, key.length)
  })
  return `{\n${members.join(',\n')}\n${indent}}`
}

function flatJson(value: Json | undefined): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(flatJson).join(', ')}]`
  const members = Object.entries(value).map(([name, own]) => `${JSON.stringify(name)}: ${flatJson(own)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}
