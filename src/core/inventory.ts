import type { Json } from './json.ts'
import type { UpstreamRequest } from './transport.ts'
import type { Account } from './upstream.ts'

/** One question to a host about what it runs. */
export interface Inquiry {
  /** What its answer is known by: `tags`, `show NAME`. */
  readonly about: string
  readonly upstream: UpstreamRequest
}

/** An answer of status 200. */
export interface InquiryAnswer {
  readonly about: string
  readonly body: Json
}

/**
 * What a host says of one of its models, in its own words. Names are evidence against: a host can be told to say anything. What is not said
 * is absent.
 */
export interface HostedModel {
  /** The id that requests name it by; `*`: whatever they name. */
  readonly model: string
  /** What the weights are called: a repository, a file, a base name. */
  readonly names?: readonly string[]
  /** What they were made from. */
  readonly parents?: readonly string[]
  /** The shape of the network: `qwen2`, `deepseek2`. */
  readonly architectures?: readonly string[]
  readonly license?: string
  /** Requests for it are sent on to another host. */
  readonly remote?: Remote
}

export interface Remote {
  readonly host?: string
  /** Who runs that host, where its type knows. */
  readonly operator?: string
}

/** What hosts say, by the names of their providers. */
export type Inventory = ReadonlyMap<string, readonly HostedModel[]>

/** How hosts of one type are asked what they really run, as pure functions: others send and wait. */
export interface InventoryReader {
  /** What is asked; `models` are those that the file names. */
  ask(account: Account, models: readonly string[]): readonly Inquiry[]
  /** What is asked besides, once that is answered: of models that no file names. */
  askMore?(account: Account, answers: readonly InquiryAnswer[]): readonly Inquiry[]
  /** Of all spellings by which the host means one model the same; left out: case alone does not matter. */
  canonical?(model: string): string
  /** Later ones of a model add to earlier ones. Never throws, whatever the answers are. */
  read(answers: readonly InquiryAnswer[]): readonly HostedModel[]
}

/** Characters of one name; longer ones are nobody's. */
const LONGEST = 200
/** Names of one kind that one model may have. */
const MOST = 8

type Said = Readonly<Record<'names' | 'parents' | 'architectures', readonly (string | undefined)[]>> & {
  readonly license?: string | undefined
  readonly remote?: Remote | undefined
}

/** A model as its host describes it, without what is no name. */
export function hostedModel(model: string, said: Partial<Said>): HostedModel {
  const names = texts(said.names)
  const parents = texts(said.parents)
  const architectures = texts(said.architectures)
  const [license] = texts([said.license])
  return {
    model,
    ...(names.length > 0 && { names }),
    ...(parents.length > 0 && { parents }),
    ...(architectures.length > 0 && { architectures }),
    ...(license !== undefined && { license: license.toLowerCase() }),
    ...(said.remote && { remote: said.remote }),
  }
}

/** What both say of one model. */
export function joined(first: HostedModel, second: HostedModel): HostedModel {
  return hostedModel(first.model, {
    names: [...(first.names ?? []), ...(second.names ?? [])],
    parents: [...(first.parents ?? []), ...(second.parents ?? [])],
    architectures: [...(first.architectures ?? []), ...(second.architectures ?? [])],
    license: first.license ?? second.license,
    remote: first.remote ?? second.remote,
  })
}

/** What was said of the model of that id in any of its spellings, and of whatever is asked for. */
export function saidOf(
  models: readonly HostedModel[],
  id: string,
  { canonical = lowerCase }: Pick<InventoryReader, 'canonical'> = {},
): HostedModel | undefined {
  const asked = canonical(id)
  const own = models.filter(({ model }) => model === ANY || canonical(model) === asked)
  return own.length === 0 ? undefined : own.reduce(joined)
}

function lowerCase(id: string): string {
  return id.toLowerCase()
}

/** Stands for every id, at a host that answers to any. */
export const ANY = '*'

function texts(values: readonly (string | undefined)[] = []): readonly string[] {
  const kept = new Set<string>()
  for (const value of values) {
    const text = value?.trim() ?? ''
    if (text !== '' && text.length <= LONGEST && kept.size < MOST) kept.add(text)
  }
  return [...kept]
}

/** Parts of a path that may tell the model: `org/name/file`, and one more. */
const TELLING = 4

/**
 * A file or folder of weights by what tells which they are: `models--org--name` of a hub's cache is `org/name`, else the end of the path. A
 * file that is named by its digest tells nothing.
 */
export function nameOfPath(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  const parts = path.replaceAll('\\', '/').split('/').filter(Boolean)
  const cached = parts.findLast((part) => part.startsWith('models--'))
  if (cached !== undefined) return cached.slice('models--'.length).replaceAll('--', '/')
  const last = parts.at(-1) ?? ''
  if (last.startsWith('sha256-') || last.startsWith('sha256:')) return undefined
  const told = parts.slice(-TELLING).join('/')
  return told.endsWith('.gguf') ? told.slice(0, -'.gguf'.length) : told
}
