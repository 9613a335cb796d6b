import { isObject, numberAt, parseJson, stringAt } from '#src/core/json.ts'
import { unsealed } from '#src/core/sealed-line.ts'
import { isGreeting } from '../greeting.ts'
import { createChain, extend, type Chain, type ChainLine } from './chain.ts'
import type { Place, Problem } from './problem.ts'

/** What a log's lines say, after all of them. */
export interface Verified {
  /** In the order of their first lines. */
  readonly chains: readonly Chain[]
  /** Lines that belong to no chain and are not the greeting: how many, and the first. */
  readonly unchained: { readonly count: number; readonly first?: Problem }
  /** Empty lines and those of the greeting. */
  readonly other: number
}

export interface VerifyOptions {
  /** SHA-256 of a text's UTF-8 bytes, lower-case hex. */
  readonly hash: (text: string) => string
  /** Chains may begin in their middle: logs before these were put away. */
  readonly fromMiddle: boolean
}

/** Takes the lines of one or more files in their order; instances may be mixed in one file, and a chain may go on in the next. */
export function createVerifier({ hash, fromMiddle }: VerifyOptions) {
  const chains = new Map<string, Chain>()
  let unchained: Verified['unchained'] = { count: 0 }
  let other = 0

  function add(bytes: Uint8Array, place: Place): void {
    const text = textOf(bytes)
    if (text !== undefined && (text.trim() === '' || isGreeting(text))) {
      other++
      return
    }
    const line = text === undefined ? undefined : readLine(text, place, hash)
    if (!line) {
      unchained = { first: { ...place, ...UNCHAINED }, ...unchained, count: unchained.count + 1 }
      return
    }
    const chain = chains.get(line.instance) ?? createChain(line.instance)
    chains.set(line.instance, chain)
    extend(chain, line, fromMiddle)
  }

  return { add, verified: (): Verified => ({ chains: [...chains.values()], unchained, other }) }
}

const UNCHAINED = { kind: 'unchained', message: 'this is no line of a chained decision log' } as const

/** Strictly: a decoder that mends what is no UTF-8 gives one text for several lines of bytes, and so one hash. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

function readLine(line: string, place: Place, hash: (text: string) => string): ChainLine | undefined {
  const parts = unsealed(line)
  const json = parseJson(line)
  if (!parts || !isObject(json)) return undefined
  const [instance, prev, seq] = [stringAt(json, 'instance'), stringAt(json, 'prev'), numberAt(json, 'seq')]
  if (instance === undefined || prev === undefined || seq === undefined || !isInstance(instance)) return undefined
  return {
    place,
    instance,
    seq,
    prev,
    hash: parts.hash,
    intact: hash(parts.text) === parts.hash,
    time: timeOf(stringAt(json, 'time')),
    event: stringAt(json, 'event'),
  }
}

/** What is printed of a log is of these forms: whoever can write to it must not write to the terminal too. */
function isInstance(text: string): boolean {
  return text.length === 16 && [...text].every((char) => '0123456789abcdef'.includes(char))
}

function timeOf(text = ''): string | undefined {
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}
