import type { Json, JsonObject } from '#src/core/json.ts'
import { stringAt } from '#src/core/json.ts'
import { choose } from './match.ts'
import { idOf } from './random.ts'
import { renderChat, renderChatStream } from './render-chat.ts'
import { renderCompletion, renderCompletionStream } from './render-completions.ts'
import { renderEmbeddings } from './render-embeddings.ts'
import type { Render } from './render.ts'
import { bodyOf, endpointOf, modelOfPath } from './request-record.ts'
import type { Answer, ErrorReply, RequestRecord, Script, ScriptedAnswer, Turn } from './script.ts'
import type { Delivery, Draft } from './wire.ts'
import { stepsOf, streamDraft, wholeDraft } from './wire.ts'

const JSON_TYPE = 'application/json'

/** What an upstream that follows the script does to one request. Pure: the same script, request and turn give the same steps. */
export function respond(script: Script, request: RequestRecord, turn: Turn): ScriptedAnswer {
  const chosen = choose(script, request, turn)
  const answer = chosen.answer ?? leftover(script, request, turn)
  const delivery = { timing: answer.timing ?? {}, wire: answer.wire ?? {}, fault: answer.fault }
  const draft = draftOf({ script, request, turn }, answer, delivery)
  const headers = { 'x-request-id': idOf('req_', seedOf(turn)), ...draft.headers }
  return { answer: chosen.index, fitted: chosen.fitted, steps: stepsOf({ ...draft, headers }, delivery) }
}

interface Asked {
  readonly script: Script
  readonly request: RequestRecord
  readonly turn: Turn
}

/** The models list always works; any other request that the script has no answer for is told so. */
function leftover(script: Script, request: RequestRecord, turn: Turn): Answer {
  if (endpointOf(request) === 'models') return {}
  const message = `the script has no answer left for request ${turn.call}: it has ${script.answers.length}, and none fits or is unused`
  return { error: { status: 400, code: 'script_exhausted', message } }
}

function draftOf(asked: Asked, answer: Answer, delivery: Delivery): Draft {
  if (answer.raw !== undefined) {
    const { status = 200, headers = {}, body = '' } = answer.raw
    const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : JSON_TYPE
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return wholeDraft({ status, headers: { 'content-type': type, ...lowerCase(headers) } }, text, delivery.wire)
  }
  const error = answer.error ?? refusalOf(asked)
  if (error !== undefined) return errorDraft(error, delivery)
  return replyDraft(asked, answer, delivery)
}

function replyDraft(asked: Asked, answer: Answer, delivery: Delivery): Draft {
  const body = bodyOf(asked.request)
  const render = { reply: answer.reply ?? {}, body, seed: seedOf(asked.turn), created: asked.turn.created }
  const endpoint = endpointOf(asked.request)
  if (body['stream'] === true && (endpoint === 'chat' || endpoint === 'completions')) {
    const events = endpoint === 'chat' ? renderChatStream(render) : renderCompletionStream(render)
    return streamDraft(events, delivery)
  }
  const whole = delivery.fault?.kind === 'error' ? { error: delivery.fault.error } : wholeReply(asked, render)
  return wholeDraft({ status: 200, headers: { 'content-type': JSON_TYPE } }, JSON.stringify(whole), delivery.wire)
}

function wholeReply(asked: Asked, render: Render): JsonObject {
  switch (endpointOf(asked.request)) {
    case 'completions':
      return renderCompletion(render)
    case 'embeddings':
      return renderEmbeddings(render)
    case 'models':
      return modelsReply(asked)
    default:
      return renderChat(render)
  }
}

function modelsReply({ script, request, turn }: Asked): JsonObject {
  const models = script.models ?? ['demo-model', 'demo-embedding']
  const entry = (id: string) => ({ id, object: 'model', created: turn.created, owned_by: 'tutti-demo' })
  const one = modelOfPath(request)
  return one === undefined ? { object: 'list', data: models.map(entry) } : entry(one)
}

/** What OpenAI itself would refuse. */
function refusalOf({ script, request }: Asked): ErrorReply | undefined {
  const endpoint = endpointOf(request)
  if (endpoint === undefined) return { status: 404, message: `Invalid URL (${request.method} ${pathOf(request.url)})` }
  if (endpoint === 'models') return unknownModel(script, modelOfPath(request))
  if (request.body === undefined) return { status: 400, message: 'We could not parse the JSON body of your request.' }
  const body = bodyOf(request)
  const needed = endpoint === 'chat' ? 'messages' : endpoint === 'embeddings' ? 'input' : 'prompt'
  const missing = ['model', needed].find((name) => body[name] === undefined)
  if (missing === undefined) return unknownModel(script, stringAt(body, 'model'))
  const message = `Missing required parameter: '${missing}'.`
  return { status: 400, message, code: 'missing_required_parameter', param: missing }
}

function unknownModel(script: Script, model: string | undefined): ErrorReply | undefined {
  if (script.models === undefined || model === undefined || script.models.includes(model)) return undefined
  return { status: 404, message: `The model \`${model}\` does not exist.`, code: 'model_not_found', param: 'model' }
}

function errorDraft(error: ErrorReply, delivery: Delivery): Draft {
  const retryAfter = error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) }
  const headers = { 'content-type': JSON_TYPE, ...retryAfter, ...lowerCase(error.headers ?? {}) }
  return wholeDraft({ status: error.status, headers }, JSON.stringify({ error: errorBody(error) }), delivery.wire)
}

function errorBody(error: ErrorReply): JsonObject {
  const code: Json = error.code ?? (error.status === 429 ? 'rate_limit_exceeded' : null)
  const message = error.message ?? `scripted error ${error.status}`
  return { message, type: error.type ?? typeOf(error.status), param: error.param ?? null, code }
}

function typeOf(status: number): string {
  if (status >= 500) return 'server_error'
  return status === 429 ? 'rate_limit_error' : 'invalid_request_error'
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url
}

function seedOf(turn: Turn): string {
  return `${turn.seed}/${turn.call}`
}
