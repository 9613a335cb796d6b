import type { Adapter } from '#src/core/adapter.ts'
import type { Catalog } from '#src/core/catalog.ts'
import { isObject, type Json } from '#src/core/json.ts'
import type { PresetRule, RuleKind } from '#src/core/policy.ts'
import type * as z from 'zod/mini'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'

/** What a file is compiled with. */
export interface CompileOptions {
  /** The file's name as it is shown. */
  readonly file: string
  readonly adapters: ReadonlyMap<string, Adapter>
  readonly catalog: Catalog
  /** By the field that makes a rule one of this kind. */
  readonly ruleKinds: ReadonlyMap<string, RuleKind>
  /** Rules under one name; none unless given. */
  readonly presets?: ReadonlyMap<string, readonly PresetRule[]>
  /** SHA-256 of a text's UTF-8 bytes, as hex. */
  readonly hash: (text: string) => string | Promise<string>
  /** Whether the runtime has a binding of that name; undefined: the file is only looked at, anything may be. */
  readonly hasBinding?: (name: string) => boolean
  /** ms since 1970. */
  readonly now: number
}

export interface Context {
  readonly options: CompileOptions
  readonly report: Report
}

/**
 * A value as the schema gives it. What is wrong has been reported already, so a field with a fault is left out and the rest is looked at;
 * undefined: not even that.
 */
export function salvage<Output>(schema: z.ZodMiniType<Output>, value: Json | undefined): Output | undefined {
  let rest = value
  for (let round = 0; round < 3; round++) {
    const parsed = schema.safeParse(rest)
    if (parsed.success) return parsed.data
    for (const issue of parsed.error.issues) {
      const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
      if (issue.code !== 'unrecognized_keys') rest = without(rest, path)
      else for (const key of issue.keys) rest = without(rest, [...path, key])
    }
  }
  return undefined
}

/** The value without the innermost field on the path. */
function without(value: Json | undefined, path: Path): Json | undefined {
  const [head, ...rest] = path
  if (typeof head === 'number')
    return isList(value) ? value.map((item, index) => (index === head ? keep(item, rest) : item)) : value
  if (head === undefined || !isObject(value)) return value
  if (rest.some((part) => typeof part === 'string')) return { ...value, [head]: without(value[head], rest) }
  const { [head]: _, ...others } = value
  return others
}

function keep(item: Json, path: Path): Json {
  return without(item, path) ?? null
}

/** True for a JSON array. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}
