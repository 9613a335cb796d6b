import { isObject, type Json } from '#src/core/json.ts'
import { isList } from './context.ts'

/**
 * 12 hex characters of SHA-256 over the file as it is written, sorted, and the catalog's version (INTERFACE.md section 9). References stand in it by name, and
 * so does a credential that the file writes out. Rules and keys have no order, so theirs does not count.
 */
export async function epochOf(
  raw: Json,
  catalogVersion: string,
  hash: (text: string) => string | Promise<string>,
): Promise<string> {
  const digest = await hash(`${canonical(raw, [])}\n${catalogVersion}`)
  return digest.slice(0, 12)
}

function canonical(value: Json, path: readonly string[]): string {
  if (isList(value)) {
    const items = value.map((item) => canonical(item, path))
    return `[${(isUnordered(path) ? items.sort() : items).join(',')}]`
  }
  if (!isObject(value)) return path.at(-1) === 'apiKey' && !isReference(value) ? '"literal"' : JSON.stringify(value)
  const names = Object.keys(value).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null, [...path, name])}`).join(',')}}`
}

function isUnordered(path: readonly string[]): boolean {
  return path.length === 1 && (path[0] === 'policies' || path[0] === 'keys')
}

function isReference(value: Json): boolean {
  return typeof value === 'string' && value.includes('${')
}
