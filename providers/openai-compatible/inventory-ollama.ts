import type { Account } from '#src/core/adapter.ts'
import {
  hostedModel,
  nameOfPath,
  type HostedModel,
  type Inquiry,
  type InventoryReader,
  type Remote,
} from '#src/core/inventory.ts'
import { arrayAt, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { bodiesOf, hostOf, inquiry } from './inventory.ts'

const TAGS = '/api/tags'
const SHOW = '/api/show'
/** Models that no file names are asked about one by one: no more than this many. */
const MOST_UNNAMED = 64
/** Models that one was merged from. */
const MOST_PARENTS = 8

/**
 * Ollama lists its models and describes each, whichever dialect it is asked in: both of its types read it here. A name is its owner's choice; what
 * the weights say of themselves is in `model_info`.
 */
export const ollamaInventory: InventoryReader = {
  ask: (account, models) => [
    inquiry(account, hostOf(account), TAGS),
    ...models.map((model) => showing(account, model)),
  ],
  askMore(account, answers) {
    const asked = new Set(answers.map(({ about }) => canonical(modelOf(about) ?? '')))
    const models = listedIn(answers).flatMap((row) => idOf(row) ?? [])
    const unnamed = models.filter((id) => !asked.has(canonical(id)))
    return unnamed.slice(0, MOST_UNNAMED).map((model) => showing(account, model))
  },
  canonical,
  read: (answers) => [
    ...listedIn(answers).flatMap((row) => said(idOf(row), row)),
    ...answers.flatMap(({ about, body }) => said(modelOf(about), body)),
  ],
}

function showing(account: Account, model: string): Inquiry {
  const { upstream } = inquiry(account, hostOf(account), SHOW)
  const headers = { ...upstream.headers, 'content-type': 'application/json' }
  const body = JSON.stringify({ model })
  return { about: `${SHOW} ${model}`, upstream: { ...upstream, method: 'POST', headers, body } }
}

function listedIn(answers: Parameters<InventoryReader['read']>[0]): readonly Json[] {
  return bodiesOf(answers, TAGS).flatMap((body) => arrayAt(body, 'models') ?? [])
}

function idOf(row: Json): string | undefined {
  return stringAt(row, 'model') ?? stringAt(row, 'name')
}

/** The model that a question was about. */
function modelOf(about: string): string | undefined {
  return about.startsWith(`${SHOW} `) ? about.slice(SHOW.length + 1) : undefined
}

/** What a name of Ollama's may begin with and end with and mean the same. */
const FIRST = ['https://', 'http://', 'registry.ollama.ai/', 'library/']
const LAST = ':latest'

function canonical(model: string): string {
  let id = model.toLowerCase()
  for (const first of FIRST) if (id.startsWith(first)) id = id.slice(first.length)
  return id.endsWith(LAST) ? id.slice(0, -LAST.length) : id
}

/** A row of the list, or a whole description. */
function said(id: string | undefined, body: Json): readonly HostedModel[] {
  if (id === undefined) return []
  const info = objectAt(body, 'model_info')
  const details = objectAt(body, 'details')
  const remote = remoteOf(body)
  const parts = {
    names: [...ownNames(info), nameOfPath(stringAt(details, 'parent_model')), stringAt(body, 'remote_model')],
    parents: parentsIn(info),
    architectures: [
      stringAt(info, 'general.architecture'),
      stringAt(details, 'family'),
      ...(details ? (arrayAt(details, 'families') ?? []) : []).filter(isText),
    ],
    license: stringAt(info, 'general.license'),
    ...(remote && { remote }),
  }
  return [hostedModel(id, parts)]
}

/** What the file of the weights says of itself (GGUF's general metadata). */
function ownNames(info: JsonObject | undefined): readonly (string | undefined)[] {
  const maker = stringAt(info, 'general.organization')
  const names = [stringAt(info, 'general.basename'), stringAt(info, 'general.name')]
  return [...names, ...(maker === undefined ? [] : [`${maker}/${names.find(Boolean) ?? ''}`])]
}

function parentsIn(info: JsonObject | undefined): readonly (string | undefined)[] {
  const count = Math.min(numberAt(info, 'general.base_model.count') ?? MOST_PARENTS, MOST_PARENTS)
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const at = (member: string) => stringAt(info, `general.base_model.${index}.${member}`)
    const [maker, name] = [at('organization'), at('name')]
    if (name === undefined) return repositoryAt(at('repo_url'))
    return maker === undefined ? name : `${maker}/${name}`
  })
}

/** `https://hub.example/maker/model` as `maker/model`. */
function repositoryAt(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined
  return new URL(url).pathname.split('/').filter(Boolean).slice(0, 2).join('/')
}

const HOME = 'ollama.com'

/** It is not here: requests for it are sent on to another Ollama, the vendor's own unless another is named. */
function remoteOf(body: Json): Remote | undefined {
  const host = stringAt(body, 'remote_host') ?? ''
  if (host === '') return (stringAt(body, 'remote_model') ?? '') === '' ? undefined : { operator: 'ollama' }
  const name = URL.canParse(host) ? new URL(host).hostname : host
  const home = name === HOME || name.endsWith(`.${HOME}`)
  return { host: name, ...(home && { operator: 'ollama' }) }
}

function isText(value: Json): value is string {
  return typeof value === 'string'
}
