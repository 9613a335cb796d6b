import type { JsonObject } from '#src/core/json.ts'
import { choose, type Heard } from './match.ts'
import { OPENAI_ERRORS } from './error-openai.ts'
import { OPENAI_SURFACES } from './openai.ts'
import { idOf } from './random.ts'
import { bodyOf, pathOf } from './request-record.ts'
import type { Answer, ErrorReply, RequestRecord, Script, ScriptedAnswer, Turn } from './script.ts'
import { jsonBody, textBody, type Ask, type Render, type Surface } from './surface.ts'
import type { Delivery, Draft } from './wire.ts'
import { stepsOf, streamDraft, wholeDraft } from './wire.ts'

/** What an upstream that follows the script does to one request. Pure: the same script, request and turn give the same steps. */
export type Respond = (script: Script, request: RequestRecord, turn: Turn) => ScriptedAnswer

/** An upstream that speaks at these surfaces; where several take a request the first does. */
export function createRespond(surfaces: readonly Surface[]): Respond {
  return (script, request, turn) => {
    const heard = { request, ask: askOf(surfaces, request) }
    const chosen = choose(script, heard, turn)
    const answer = chosen.answer ?? leftover(script, heard, turn)
    const delivery = { timing: answer.timing ?? {}, wire: answer.wire ?? {}, fault: answer.fault }
    const draft = draftOf({ ...heard, script, turn }, answer, delivery)
    const { requestIdHeader } = errorsOf(heard.ask)
    const headers = { [requestIdHeader]: requestId(turn), ...draft.headers }
    return { answer: chosen.index, fitted: chosen.fitted, steps: stepsOf({ ...draft, headers }, delivery) }
  }
}

/** The upstream that the demo is. */
export const respond = createRespond(OPENAI_SURFACES)

interface Asked extends Heard {
  readonly script: Script
  readonly turn: Turn
}

function askOf(surfaces: readonly Surface[], request: RequestRecord): Ask | undefined {
  const path = pathOf(request.url)
  const body = bodyOf(request)
  for (const surface of surfaces) {
    const found = surface.find(request, path)
    if (found === undefined) continue
    const { model = body['model'], stream = body['stream'] === true } = found
    return { surface, request, body, model: typeof model === 'string' ? model : undefined, stream }
  }
  return undefined
}

/** What asks no model always works, or is not there; any other request that the script has no answer for is told so. */
function leftover(script: Script, { request, ask }: Heard, turn: Turn): Answer {
  if (ask ? !ask.surface.asksModel : request.method === 'GET') return {}
  const message = `the script has no answer left for request ${turn.call}: it has ${script.answers.length}, and none fits or is unused`
  return { error: { status: 400, code: 'script_exhausted', message } }
}

function draftOf(asked: Asked, answer: Answer, delivery: Delivery): Draft {
  const { ask } = asked
  if (answer.raw !== undefined) {
    const { status = 200, headers = {}, body = '' } = answer.raw
    const sent = typeof body === 'string' ? textBody(body, 'text/plain; charset=utf-8') : jsonBody(body)
    return wholeDraft({ status, headers: lowerCase(headers) }, sent, delivery.wire)
  }
  if (answer.error !== undefined) return errorDraft(answer.error, asked, delivery)
  const refused = refusalOf(asked)
  if (refused !== undefined || ask === undefined)
    return errorDraft(refused ?? noSuchPath(asked.request), asked, delivery)
  return replyDraft(ask, renderOf(ask, asked, answer), delivery)
}

function renderOf(ask: Ask, { script, turn }: Asked, { reply = {} }: Answer): Render {
  const { body, surface } = ask
  return {
    reply,
    ask,
    body,
    wish: surface.wish(ask),
    model: reply.model ?? ask.model ?? '',
    seed: seedOf(turn),
    created: turn.created,
    models: script.models ?? ['demo-model', 'demo-embedding'],
  }
}

function replyDraft(ask: Ask, render: Render, delivery: Delivery): Draft {
  const { fault, wire } = delivery
  const { errors, stream, whole } = ask.surface
  if (ask.stream && stream !== undefined) {
    const framing = stream.framing(ask)
    const failed = (error: Parameters<typeof errors.events>[0], at: { named: boolean; after: number }) =>
      errors.events(error, { ...at, render })
    return streamDraft({ framing, events: stream.events(render), failed }, delivery)
  }
  const id = idOf('req_', render.seed)
  const body = fault?.kind === 'error' ? jsonBody(errors.inside(fault.error, id)) : whole(render)
  return wholeDraft({ status: 200, headers: {} }, body, wire)
}

function noSuchPath({ method, url }: RequestRecord): ErrorReply {
  return { status: 404, message: `Invalid URL (${method} ${pathOf(url)})` }
}

/** What the vendor itself would refuse. */
function refusalOf({ script, request, ask }: Asked): ErrorReply | undefined {
  if (ask === undefined) return noSuchPath(request)
  if (request.method === 'POST' && request.body === undefined)
    return { status: 400, message: 'We could not parse the JSON body of your request.' }
  const { models } = script
  const unknown = models !== undefined && ask.model !== undefined && !models.includes(ask.model) ? ask.model : undefined
  return ask.surface.refuse(ask) ?? (unknown === undefined ? undefined : ask.surface.errors.unknownModel(unknown))
}

function errorDraft(error: ErrorReply, { ask, turn }: Asked, delivery: Delivery): Draft {
  const said = errorsOf(ask).whole(error, requestId(turn))
  const retryAfter = error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) }
  const headers = { ...said.headers, ...retryAfter, ...lowerCase(error.headers ?? {}) }
  return wholeDraft({ status: error.status, headers }, jsonBody(said.body), delivery.wire)
}

/** Who asks at a path that is none is answered as by OpenAI. */
function errorsOf(ask: Ask | undefined): Surface['errors'] {
  return ask?.surface.errors ?? OPENAI_ERRORS
}

function requestId(turn: Turn): string {
  return idOf('req_', seedOf(turn))
}

function lowerCase(headers: Readonly<Record<string, string>>): JsonObject & Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function seedOf(turn: Turn): string {
  return `${turn.seed}/${turn.call}`
}
