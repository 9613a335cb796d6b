import { arrayAt, isObject, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'

/** Where a value is not what a schema says. */
export interface Mismatch {
  /** Of the place in the value: `choices[0].message`; '' is the value itself. */
  readonly path: string
  /** The word of the schema that it breaks: `required`, `type`, `enum`. */
  readonly keyword: string
  readonly message: string
}

/** A schema of the document: its name under `components.schemas`, or a whole reference (`#/$defs/Item`). */
export type CheckSchema = (schema: string, value: Json) => readonly Mismatch[]

/** A place in the value, and what has been asked of it. */
interface At {
  readonly path: string
  readonly document: JsonObject
  readonly closed: boolean
  /** The schema is a part of another one for the same place: parts do not know each other's members, only the whole asks for strangers. */
  readonly part: boolean
  /** References that were followed at this place: a schema that only names itself says nothing. */
  readonly followed: ReadonlySet<string>
}

type Schema = Json | undefined
type Rule = (schema: JsonObject, value: Json, at: At) => readonly Mismatch[]

/**
 * Holds values against the schemas of an OpenAPI or JSON Schema document. `oneOf` is read as `anyOf`, since published documents are not careful
 * with it; formats and patterns are not looked at. `closed`: a member that no schema of its object names is a mismatch too.
 */
export function schemaChecker(document: JsonObject, { closed = false } = {}): CheckSchema {
  const at: At = { path: '', document, closed, part: false, followed: new Set() }
  return (schema, value) => {
    const $ref = schema.startsWith('#') ? schema : `#/components/schemas/${schema}`
    return mismatches({ $ref }, value, at)
  }
}

/** The mismatches as lines, for a test's failure. */
export function explain(found: readonly Mismatch[]): readonly string[] {
  return found.map(({ path, keyword, message }) => `${path === '' ? '(value)' : path}: ${keyword}: ${message}`)
}

function mismatches(schema: Schema, value: Json, at: At): readonly Mismatch[] {
  if (schema === undefined || schema === true) return []
  if (schema === false) return [{ path: at.path, keyword: 'false', message: 'nothing is allowed here' }]
  if (!isObject(schema)) return [{ path: at.path, keyword: 'schema', message: `no schema: ${show(schema)}` }]
  if (value === null && schema['nullable'] === true) return []
  const found = RULES.flatMap((rule) => rule(schema, value, at))
  const whole = at.closed && !at.part && isObject(value) && saysMembers(schema)
  return whole ? [...found, ...strangers(schema, value, at)] : found
}

const reference: Rule = (schema, value, at) => {
  const $ref = stringAt(schema, '$ref')
  if ($ref === undefined || at.followed.has($ref)) return []
  const target = resolve($ref, at.document)
  if (target === undefined) return [{ path: at.path, keyword: '$ref', message: `\`${$ref}\` is not there` }]
  return mismatches(target, value, { ...at, part: true, followed: new Set(at.followed).add($ref) })
}

const all: Rule = (schema, value, at) =>
  (arrayAt(schema, 'allOf') ?? []).flatMap((branch) => mismatches(branch, value, { ...at, part: true }))

const some: Rule = (schema, value, at) =>
  ['anyOf', 'oneOf'].flatMap((keyword) => {
    const branches = arrayAt(schema, keyword)
    return branches === undefined ? [] : nearest(chosen(schema, branches, { value, at }), value, at)
  })

const not: Rule = (schema, value, at) => {
  const refused = schema['not']
  if (refused === undefined || mismatches(refused, value, at).length > 0) return []
  return [{ path: at.path, keyword: 'not', message: `${show(value)} is what must not be here` }]
}

const exact: Rule = (schema, value, { path }) => {
  const allowed = arrayAt(schema, 'enum') ?? ('const' in schema ? [schema['const'] ?? null] : undefined)
  if (allowed === undefined || allowed.some((one) => same(one, value))) return []
  return [{ path, keyword: 'enum', message: `${show(value)} is none of ${allowed.map(show).join(', ')}` }]
}

const kind: Rule = (schema, value, { path }) => {
  const type = schema['type']
  const types = typeof type === 'string' ? [type] : (arrayAt(schema, 'type') ?? [])
  if (types.length === 0 || types.some((one) => isKind(one, value))) return []
  return [{ path, keyword: 'type', message: `${show(value)} is no ${types.join(' or ')}` }]
}

const bounds: Rule = (schema, value, { path }) =>
  BOUNDS.flatMap(({ keyword, size, fits }) => {
    const limit = schema[keyword]
    const own = size(value)
    if (typeof limit !== 'number' || own === undefined || fits(own, limit)) return []
    return [{ path, keyword, message: `${own} where the limit is ${limit}` }]
  })

const required: Rule = (schema, value, { path }) => {
  if (!isObject(value)) return []
  return (arrayAt(schema, 'required') ?? []).flatMap((name) =>
    typeof name === 'string' && value[name] === undefined
      ? [{ path, keyword: 'required', message: `\`${name}\` is missing` }]
      : [],
  )
}

const members: Rule = (schema, value, at) => {
  if (!isObject(value)) return []
  const known = objectAt(schema, 'properties') ?? {}
  const others = schema['additionalProperties']
  return Object.entries(value).flatMap(([name, member]) => {
    if (member === undefined) return []
    const place = inside(at, at.path === '' ? name : `${at.path}.${name}`)
    if (name in known) return mismatches(known[name], member, place)
    return others === undefined ? [] : mismatches(others, member, place)
  })
}

const elements: Rule = (schema, value, at) => {
  if (!Array.isArray(value)) return []
  const first = arrayAt(schema, 'prefixItems') ?? []
  return value.flatMap((element: Json, index) =>
    mismatches(first[index] ?? schema['items'], element, inside(at, `${at.path}[${index}]`)),
  )
}

const RULES: readonly Rule[] = [reference, all, some, not, exact, kind, bounds, required, members, elements]

const BOUNDS: readonly {
  readonly keyword: string
  readonly size: (value: Json) => number | undefined
  readonly fits: (own: number, limit: number) => boolean
}[] = [
  { keyword: 'minimum', size: numberOf, fits: (own, limit) => own >= limit },
  { keyword: 'maximum', size: numberOf, fits: (own, limit) => own <= limit },
  { keyword: 'minItems', size: itemsOf, fits: (own, limit) => own >= limit },
  { keyword: 'maxItems', size: itemsOf, fits: (own, limit) => own <= limit },
  { keyword: 'minLength', size: lengthOf, fits: (own, limit) => own >= limit },
  { keyword: 'maxLength', size: lengthOf, fits: (own, limit) => own <= limit },
]

/** The branches that the discriminator leaves; all of them where there is none or it leaves none. */
function chosen(
  schema: JsonObject,
  branches: readonly Json[],
  { value, at }: { value: Json; at: At },
): readonly Json[] {
  const name = stringAt(objectAt(schema, 'discriminator'), 'propertyName')
  const word = name === undefined ? undefined : stringAt(value, name)
  if (name === undefined || word === undefined) return branches
  const mapped = stringAt(objectAt(objectAt(schema, 'discriminator'), 'mapping'), word)
  const named = branches.filter((branch) => {
    if (mapped !== undefined) return stringAt(branch, '$ref') === mapped
    const allOf = memberSchemas(branch, name, at.document)
    return allOf.length > 0 && mismatches({ allOf }, word, at).length === 0
  })
  return named.length === 0 ? branches : named
}

/** Nothing where one branch fits, else what is wrong with the one that comes nearest: its constants count most. */
function nearest(branches: readonly Json[], value: Json, at: At): readonly Mismatch[] {
  let best: readonly Mismatch[] | undefined
  for (const branch of branches) {
    const found = mismatches(branch, value, { ...at, part: true })
    if (found.length === 0) return []
    if (best === undefined || distance(found, at.path) < distance(best, at.path)) best = found
  }
  return best ?? []
}

function distance(found: readonly Mismatch[], path: string): number {
  const far = found.filter(({ keyword, path: own }) => (own === path ? keyword === 'type' : isTag(own, path))).length
  return far * 1000 + found.length
}

/** The members by which objects say what they are. */
function isTag(path: string, of: string): boolean {
  const prefix = of === '' ? '' : `${of}.`
  return ['type', 'role', 'object'].some((name) => path === prefix + name)
}

/** The schemas that a branch has for a member, through references and `allOf`. */
function memberSchemas(branch: Schema, name: string, document: JsonObject, depth = 8): readonly Json[] {
  if (!isObject(branch) || depth === 0) return []
  const own = objectAt(branch, 'properties')?.[name]
  const $ref = stringAt(branch, '$ref')
  const parts = [...(arrayAt(branch, 'allOf') ?? []), ...($ref === undefined ? [] : [resolve($ref, document) ?? false])]
  return [
    ...(own === undefined ? [] : [own]),
    ...parts.flatMap((part) => memberSchemas(part, name, document, depth - 1)),
  ]
}

/** Members that neither the schema nor anything that it refers to names. */
function strangers(schema: JsonObject, value: JsonObject, at: At): readonly Mismatch[] {
  return Object.keys(value).flatMap((name) =>
    names(schema, name, at.document)
      ? []
      : [{ path: at.path, keyword: 'closed', message: `\`${name}\` is not in the schema` }],
  )
}

function names(schema: Schema, name: string, document: JsonObject, depth = 8): boolean {
  if (!isObject(schema) || depth === 0) return false
  if (name in (objectAt(schema, 'properties') ?? {})) return true
  const others = schema['additionalProperties']
  if (others === true || isObject(others)) return true
  const $ref = stringAt(schema, '$ref')
  if ($ref !== undefined && names(resolve($ref, document), name, document, depth - 1)) return true
  return ['allOf', 'anyOf', 'oneOf'].some((keyword) =>
    (arrayAt(schema, keyword) ?? []).some((branch) => names(branch, name, document, depth - 1)),
  )
}

/** A schema that says which members there are; others leave it open. */
function saysMembers(schema: JsonObject): boolean {
  return ['properties', '$ref', 'allOf', 'anyOf', 'oneOf'].some((keyword) => keyword in schema)
}

function inside(at: At, path: string): At {
  return { ...at, path, part: false, followed: new Set() }
}

function resolve($ref: string, document: JsonObject): Schema {
  let place: Schema = document
  for (const step of $ref.replace('#/', '').split('/')) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
    place = isObject(place) ? place[key] : undefined
  }
  return place
}

function isKind(type: Json, value: Json): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

function same(one: Json, other: Json): boolean {
  return one === other || (typeof one === 'object' && JSON.stringify(one) === JSON.stringify(other))
}

function numberOf(value: Json): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function itemsOf(value: Json): number | undefined {
  return Array.isArray(value) ? value.length : undefined
}

function lengthOf(value: Json): number | undefined {
  return typeof value === 'string' ? [...value].length : undefined
}

function show(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
