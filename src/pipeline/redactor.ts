import type { ReasoningPart } from '#src/core/conversation.ts'
import { isFailureCode, type Failure } from '#src/core/failure.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import { contentTypeOf, editForm, readForm, textOf, type Form } from '#src/core/multipart.ts'
import { filterJson, type FilterRules } from '#src/core/pii/filter-parts.ts'
import { filterText } from '#src/core/pii/filter-text.ts'
import type { Finder, PiiType } from '#src/core/pii/types.ts'
import { rewriteRequest } from '#src/core/pii/json-texts.ts'
import { createPlaceholders, type Placeholders } from '#src/core/pii/placeholders.ts'
import { bracketsIn } from '#src/core/pii/restore-stream.ts'
import type { ApiRequest } from '#src/core/request.ts'
import type { Redaction } from '#src/routing/redaction.ts'

/** Takes personal data out of one request and what is answered to it. */
export interface Redactor {
  /** The request with placeholders: the same item is the same one in every form of it. The very one where it holds nothing. */
  request(request: ApiRequest): ApiRequest
  /** A thought that was kept and is sent along: it may hold what was put back for the caller. Asked behind the request, whose numbers it shares. */
  thought(part: ReasoningPart): ReasoningPart
  /** Whether anything is done to its answer: if not, that goes on as it comes. */
  readonly readsAnswers: boolean
  /** What is done to its answer; asked once the request is on its way. */
  answers(): FilterRules
  /** JSON that the caller gets. Throws what the finder throws, as all of the above. */
  json(text: string): string
  /** A name for the operator. What cannot be looked into is not told; never throws. */
  text(text: string): string
  failure(failure: Failure): Failure
}

/** The redactor of one request, as it came. */
export function createRedactor(redaction: Redaction, came: ApiRequest, find: Finder): Redactor {
  let written: ReadonlySet<string> | undefined
  const existing = (candidate: string): boolean => (written ??= bracketsIn(JSON.stringify(came.body))).has(candidate)
  const placeholders = createPlaceholders(existing, redaction.types, find)
  const answers = (): FilterRules => ({
    types: redaction.inAnswers,
    originals: restoredOf(placeholders, redaction.restored),
    find,
    media: redaction.unscannable,
  })
  return {
    request: (request) =>
      request.form ? redactedForm(request, request.form, placeholders) : redactedJson(request, placeholders),
    thought: ({ text, summary, ...rest }) => ({
      ...rest,
      ...(text !== undefined && { text: placeholders.redact(text) }),
      ...(summary && { summary: summary.map((own) => placeholders.redact(own)) }),
    }),
    readsAnswers: redaction.inAnswers.size > 0 || redaction.restored.size > 0,
    answers,
    json: (own) => filterJson(answers(), own),
    text: (own) => lookedInto(() => filterText(answers(), own), UNREAD),
    failure: (failure) => lookedInto(() => filteredFailure(failure, answers()), withoutWords(failure)),
  }
}

/** What is told where it cannot be looked into: nothing that anybody wrote. */
const UNREAD = 'this could not be looked into for personal data'

function lookedInto<Value>(look: () => Value, otherwise: Value): Value {
  try {
    return look()
  } catch {
    return otherwise
  }
}

function filteredFailure({ details, param, ...rest }: Failure, rules: FilterRules): Failure {
  return {
    ...rest,
    message: filterText(rules, rest.message),
    code: rest.code === null ? null : filterText(rules, rest.code),
    type: filterText(rules, rest.type),
    ...(param !== undefined && { param: param === null ? null : filterText(rules, param) }),
    ...(details && { details: filteredDetails(details, rules) }),
  }
}

/** An upstream chooses its own codes; those of tutti's own failures are words of tutti's own. */
function withoutWords({ details: _details, param: _param, ...rest }: Failure): Failure {
  const own = isFailureCode(rest.code)
  return { ...rest, message: UNREAD, ...(!own && { code: 'upstream_error', type: 'server_error' }) }
}

/** Placeholders of the types that are put back. */
function restoredOf(placeholders: Placeholders, types: ReadonlySet<PiiType>): ReadonlyMap<string, string> {
  const labels = new Set([...types].map((type) => type.toUpperCase()))
  const labelOf = (placeholder: string): string => placeholder.slice(1, placeholder.lastIndexOf('_'))
  return new Map([...placeholders.originals()].filter(([placeholder]) => labels.has(labelOf(placeholder))))
}

function redactedJson(request: ApiRequest, placeholders: Placeholders): ApiRequest {
  const text = rewriteRequest(request.text, { text: (own) => placeholders.redact(own), opaque: () => {} })
  return text === request.text ? request : { ...request, text, body: objectOf(text) }
}

/** What was written anew and cannot be read again is not sent in the place of it. */
function objectOf(text: string): JsonObject {
  const body = parseJson(text)
  if (!isObject(body)) throw new TypeError('a request was not JSON any more once personal data was taken out')
  return body
}

/** The texts of a form and the heads of its parts, which hold names of files, but for its `model`; its files are not looked into. */
function redactedForm(request: ApiRequest, form: Form, placeholders: Placeholders): ApiRequest {
  const edits = form.parts.flatMap((part) => {
    if (part.name === 'model') return []
    const head = { ...part, start: part.from + form.boundary.length + 2, end: part.start }
    return (part.filename === undefined ? [head, part] : [head]).flatMap((place) => {
      const before = textOf(form, place)
      const text = placeholders.redact(before)
      return text === before ? [] : [{ start: place.start, end: place.end, text }]
    })
  })
  if (edits.length === 0) return request
  const body = rewriteRequest(JSON.stringify(request.body), {
    text: (own) => placeholders.redact(own),
    opaque: () => {},
  })
  return { ...request, form: readForm(editForm(form, edits), contentTypeOf(form)), body: objectOf(body) }
}

function filteredDetails(details: JsonObject, rules: FilterRules): JsonObject {
  const read = parseJson(filterJson(rules, JSON.stringify(details)))
  return isObject(read) ? read : {}
}
