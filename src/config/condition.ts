import { type ASTNode, Environment } from '@marcbachmann/cel-js'
import { inRange, isRange } from '#src/core/address.ts'
import type { Circumstances } from '#src/core/circumstances.ts'
import type { Condition } from '#src/core/policy.ts'
import { searchMacro } from './search-macro.ts'

/** Characters of one expression. */
const MAX_LENGTH = 2000

/** The library wants a type with a timestamp in it to be something of which it can be asked whether a value is one. */
class Time {
  readonly now: Date
  constructor(now: number) {
    this.now = new Date(now)
  }
}

/** Every member of the table that conditions see, and no other. */
type Fields<Name extends 'request' | 'key' | 'client' | 'pii'> = Record<keyof Required<Circumstances>[Name], string>

const environment = new Environment({
  enableOptionalTypes: true,
  limits: { maxAstNodes: 500, maxDepth: 32, maxListElements: 200, maxMapEntries: 50, maxCallArguments: 8 },
})
  .registerVariable({
    name: 'request',
    schema: {
      model: 'string',
      endpoint: 'string',
      stream: 'bool',
      input_tokens: 'int',
      choices: 'int',
      needs: 'list<string>',
      tags: 'list<string>',
      metadata: 'map<string, dyn>',
    } satisfies Fields<'request'>,
  })
  .registerVariable({
    name: 'key',
    schema: { id: 'string', tenant: 'string', tags: 'list<string>' } satisfies Fields<'key'>,
  })
  // A member that is not there fails the expression: what is unknown is neither true nor false.
  .registerVariable({ name: 'client', schema: { ip: 'string', country: 'string' } satisfies Fields<'client'> })
  .registerVariable({
    name: 'pii',
    schema: {
      found: 'bool',
      types: 'list<string>',
      left: 'list<string>',
      unscannable: 'bool',
    } satisfies Fields<'pii'>,
  })
  .registerFunction('inNetwork(string, string): bool', inRange)
  .registerFunction('re(ast, ast): bool', searchMacro)
  .registerType({ name: 'Time', ctor: Time, fields: { now: 'google.protobuf.Timestamp' } })
  .registerVariable('time', 'Time')

/** A `when` that was compiled, and what is to be said about it all the same. */
export type Compiled =
  | {
      readonly ok: true
      readonly condition: Condition
      readonly warnings: readonly string[]
      /** It asks for personal data, so that the request's texts must be looked through; `left`: for what `redact` leaves. */
      readonly pii?: 'found' | 'left'
    }
  | { readonly ok: false; readonly message: string }

/** A `when` as text (CEL) to a question about a request: parsed, bounded, and its types checked here, once. Never throws. */
export function compileCondition(text: string): Compiled {
  if (text.length > MAX_LENGTH) return { ok: false, message: `this is longer than ${MAX_LENGTH} characters` }
  try {
    const parsed = environment.parse(text)
    const nodes = [...nodesOf(parsed.ast)]
    const refused = nodes.map(refusal).find((message) => message !== undefined)
    if (refused !== undefined) return { ok: false, message: refused }
    const checked = parsed.check()
    if (!checked.valid) return { ok: false, message: placed(checked.error) }
    if (checked.type !== 'bool') {
      const mend = checked.type === 'dyn' ? ': compare it with something' : ''
      return { ok: false, message: `this is of type \`${checked.type}\`, and \`when\` must be true or false${mend}` }
    }
    const pii = piiIn(nodes)
    return { ok: true, condition: conditionOf(parsed), warnings: unguarded(nodes), ...(pii && { pii }) }
  } catch (error) {
    return { ok: false, message: placed(error) }
  }
}

/** Integers of CEL are 64 bits wide. */
function conditionOf(evaluate: (values: object) => unknown): Condition {
  return ({ request, client, key, now, pii }: Circumstances) => {
    const numbers = { input_tokens: BigInt(request.input_tokens), choices: BigInt(request.choices) }
    const answer = evaluate({
      request: { ...request, ...numbers },
      client,
      key,
      time: new Time(now),
      ...(pii && { pii }),
    })
    if (typeof answer !== 'boolean') throw new TypeError('the answer is neither true nor false')
    return answer
  }
}

/** The library draws the text with a mark under it; here it stands in one line, after the place in the file. */
function placed(error: unknown): string {
  if (!(error instanceof Error)) return 'this is no expression'
  const [first = ''] = error.message.split('\n')
  const message = first.charAt(0).toLowerCase() + first.slice(1)
  const range: unknown = 'range' in error ? error.range : undefined
  const start = typeof range === 'object' && range !== null && 'start' in range ? range.start : undefined
  return typeof start === 'number' ? `${message}, at character ${start + 1}` : message
}

function refusal({ op, args, start }: ASTNode): string | undefined {
  const at = `, at character ${start + 1}`
  if (op === 'call' && args[0] === 'inNetwork') return badNetwork(args[1][1])
  const called = op === 'rcall' || op === 'call' ? args[0] : undefined
  if (called !== 'matches') return undefined
  return `\`matches\` is not here: write \`re(text, "pattern")\`, which searches in linear time${at}`
}

function piiIn(nodes: readonly ASTNode[]): 'found' | 'left' | undefined {
  if (nodes.some(({ op, args }) => op === '.' && args[1] === 'left' && args[0].op === 'id' && args[0].args === 'pii'))
    return 'left'
  return nodes.some(({ op, args }) => op === 'id' && args === 'pii') ? 'found' : undefined
}

/** A network with a slip in it would hold nobody. */
function badNetwork(network: ASTNode | undefined): string | undefined {
  if (network === undefined || (network.op === 'value' && typeof network.args === 'string' && isRange(network.args)))
    return undefined
  return `\`inNetwork\` takes an address and a network written out, like \`inNetwork(client.ip, "10.0.0.0/8")\`, at character ${network.start + 1}`
}

/** Members of the metadata that are read as if every caller gave them. */
function unguarded(nodes: readonly ASTNode[]): readonly string[] {
  const asked = new Set(nodes.flatMap(guards))
  const read = nodes.flatMap(member).filter((name) => !asked.has(name))
  return [...new Set(read)].map(
    (name) =>
      `a caller may leave \`${name}\` out, and then this fails: write \`request.metadata${optional(name)}.orValue("")\``,
  )
}

const DIGITS = '0123456789'
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_'

/** A member that may not be there, as CEL writes it: behind a dot stands only what a name may be. */
function optional(name: string): string {
  const isName = LETTERS.includes(name.charAt(0)) && [...name].every((letter) => `${LETTERS}${DIGITS}`.includes(letter))
  return isName && name !== '' ? `.?${name}` : `[?${JSON.stringify(name)}]`
}

/** The member whose presence is asked for: `has(request.metadata.name)`, `"name" in request.metadata`. */
function guards(node: ASTNode): readonly string[] {
  if (node.op === 'call' && node.args[0] === 'has') return node.args[1].flatMap(member)
  if (node.op !== 'in') return []
  const [name, of] = node.args
  return isMetadata(of) ? textOf(name) : []
}

/** The member that is read: `request.metadata.name`, `request.metadata["name"]`. */
function member(node: ASTNode): readonly string[] {
  if (node.op === '.' && isMetadata(node.args[0])) return [node.args[1]]
  if (node.op === '[]' && isMetadata(node.args[0])) return textOf(node.args[1])
  return []
}

function isMetadata(node: ASTNode): boolean {
  return node.op === '.' && node.args[1] === 'metadata'
}

function textOf({ op, args }: ASTNode): readonly string[] {
  return op === 'value' && typeof args === 'string' ? [args] : []
}

function* nodesOf(root: ASTNode): Generator<ASTNode> {
  const waiting: unknown[] = [root]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (Array.isArray(node)) waiting.push(...node)
    else if (isNode(node)) {
      yield node
      waiting.push(node.args)
    }
  }
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}
