import { type Node, type ParsedNode, LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import { blankComments } from './jsonc.ts'
import type { Path } from './problem.ts'

/** A value of the file and where it stands: offsets into the text. */
export interface Located {
  readonly at: number
  /** Where its key stands, in a mapping. */
  readonly keyAt?: number
  readonly content:
    | { readonly kind: 'scalar'; readonly value: string | number | boolean | null }
    | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Located> }
    | { readonly kind: 'list'; readonly items: readonly Located[] }
}

export interface SyntaxProblem {
  readonly at: number
  readonly path: Path
  readonly message: string
  readonly mend?: string
}

export interface Source {
  /** undefined: nothing usable. */
  readonly root?: Located
  readonly problems: readonly SyntaxProblem[]
  position(offset: number): { readonly line: number; readonly column: number }
}

/** More than any file of ten thousand rules and keys needs. */
const MAX_CHARS = 32 * 1024 * 1024
const MAX_DEPTH = 64
/** What aliases may add in all: an alias bomb stops here. */
const MAX_ALIASED = 10_000

/** The text of a YAML, JSON or JSONC file as values with their places. Never throws. */
export function readSource(text: string, file: string): Source {
  // A byte order mark is no column.
  const clean = text.startsWith('\uFEFF') ? text.slice(1) : text
  if (clean.length > MAX_CHARS) return broken('the file is larger than 32 MB')
  const isJson = file.endsWith('.json') || file.endsWith('.jsonc')
  const source = readYaml(isJson ? blankComments(clean) : clean)
  if (isJson || source.problems.length === 0 || !looksLikeJson(clean)) return source
  const retried = readYaml(blankComments(clean))
  return retried.problems.length === 0 ? retried : source
}

function looksLikeJson(text: string): boolean {
  const start = text.trimStart()
  return start.startsWith('{') || start.startsWith('//') || start.startsWith('/*')
}

function broken(message: string): Source {
  return { problems: [{ at: 0, path: [], message }], position: () => ({ line: 1, column: 1 }) }
}

function readYaml(text: string): Source {
  const lines = new LineCounter()
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return line === 0 ? { line: 1, column: 1 } : { line, column: col }
  }
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      // Checked in the walk: the library's own check is quadratic in the size of a mapping.
      uniqueKeys: false,
      stringKeys: true,
      schema: 'core',
      merge: false,
      resolveKnownTags: false,
      logLevel: 'error',
    })
    const problems = [...document.errors, ...document.warnings].map(({ code, pos }) => describe(code, pos[0]))
    if (problems.length > 0) return { problems: firstOfEachLine(problems, position), position }
    return walk(document.contents, position)
  } catch {
    return broken('the file is nested too deeply to be read')
  }
}

/** One broken line makes the parser complain many times; the first is the one to mend. */
function firstOfEachLine(problems: readonly SyntaxProblem[], position: Source['position']): SyntaxProblem[] {
  const seen = new Set<number>()
  return problems.filter((problem) => {
    const { line } = position(problem.at)
    return !seen.has(line) && seen.add(line)
  })
}

/** The library's own messages quote the text, which may hold a secret; these do not. */
const MESSAGES: Readonly<Record<string, readonly [string, string?]>> = {
  BAD_ALIAS: ['an alias points at an anchor that is not defined before it', 'put values that begin with `*` in quotes'],
  BAD_DQ_ESCAPE: [
    'an escape in a double-quoted string is not known',
    'write `\\\\` for a backslash, or use single quotes',
  ],
  BAD_INDENT: ['the indentation does not fit the lines above'],
  BAD_SCALAR_START: ['a plain value cannot begin with this character', 'put the value in quotes'],
  BLOCK_AS_IMPLICIT_KEY: ['a mapping begins where a value was expected', 'put a value that holds `: ` in quotes'],
  BLOCK_IN_FLOW: ['a block cannot stand inside brackets', 'is a `,` or a closing bracket missing before it?'],
  KEY_OVER_1024_CHARS: ['a key is longer than 1024 characters'],
  MISSING_CHAR: ['a quote, bracket, comma or colon is missing'],
  MULTILINE_IMPLICIT_KEY: ['a key runs over more than one line', 'is a `:` missing on this line?'],
  MULTIPLE_ANCHORS: ['a value has two anchors'],
  MULTIPLE_DOCS: ['the file holds more than one document', 'remove what follows the second `---`'],
  NON_STRING_KEY: ['a key must be text'],
  RESOURCE_EXHAUSTION: ['the file is nested too deeply to be read'],
  TAB_AS_INDENT: ['tabs cannot indent YAML', 'use spaces'],
  TAG_RESOLVE_FAILED: ['a tag that is not known', 'remove the `!` tag, or put the value in quotes'],
  UNEXPECTED_TOKEN: [
    'something stands here that does not belong',
    'look for a missing quote (`${NAME}` inside `{ }` wants quotes) or a wrong indentation',
  ],
}

function describe(code: string, at: number): SyntaxProblem {
  const [message, mend] = MESSAGES[code] ?? ['this is not YAML']
  return mend === undefined ? { at, path: [], message } : { at, path: [], message, mend }
}

interface Walk {
  readonly problems: SyntaxProblem[]
  /** By name: the newest one counts, as YAML has it. */
  readonly anchors: Map<string, ParsedNode>
  aliased: number
  insideAlias: number
}

function walk(contents: ParsedNode | null, position: Source['position']): Source {
  const state: Walk = { problems: [], anchors: new Map(), aliased: 0, insideAlias: 0 }
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    const message = 'the file is empty'
    return { problems: [{ at: 0, path: [], message, mend: 'begin with `providers:`' }], position }
  }
  const root = locate(contents, { path: [], state })
  return { root, problems: state.problems, position }
}

interface Step {
  readonly path: Path
  readonly state: Walk
  readonly keyAt?: number
}

function locate(node: Node | null, step: Step): Located {
  const { state } = step
  const at = (node !== null && node.range?.[0]) || step.keyAt || 0
  const place = step.keyAt === undefined ? { at } : { at, keyAt: step.keyAt }
  if (step.path.length > MAX_DEPTH) return refuse(place, step, 'nested too deeply')
  if (state.insideAlias > 0 && ++state.aliased > MAX_ALIASED)
    return refuse(place, step, 'aliases repeat too much of the file')
  if (isAlias(node)) return followAlias(node.source, place, step)
  remember(node, state)
  if (isMap<ParsedNode, ParsedNode | null>(node))
    return { ...place, content: { kind: 'map', entries: entriesOf(node.items, step) } }
  if (isSeq<ParsedNode>(node)) {
    const items = node.items.map((item, index) => locate(item, { path: [...step.path, index], state }))
    return { ...place, content: { kind: 'list', items } }
  }
  const value: unknown = isScalar(node) ? node.value : null
  const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return { ...place, content: { kind: 'scalar', value: known ? value : null } }
}

function entriesOf(items: readonly { key: ParsedNode; value: ParsedNode | null }[], step: Step): Map<string, Located> {
  const entries = new Map<string, Located>()
  for (const { key, value } of items) {
    const name = isScalar(key) && typeof key.value === 'string' ? key.value : undefined
    const keyAt = key.range[0]
    const report = (message: string, mend: string) =>
      step.state.problems.push({ at: keyAt, path: step.path, message, mend })
    if (name === undefined) report('a key must be text', 'put it in quotes')
    else if (name === '__proto__') report('`__proto__` cannot be a name', 'choose another one')
    else if (entries.has(name)) report(`\`${name}\` is written twice`, 'remove one of them')
    else entries.set(name, locate(value, { path: [...step.path, name], state: step.state, keyAt }))
  }
  return entries
}

function followAlias(name: string, place: { at: number; keyAt?: number }, step: Step): Located {
  const target = step.state.anchors.get(name)
  if (target === undefined) return refuse(place, step, 'an alias points at an anchor that is not defined before it')
  step.state.insideAlias++
  const found = locate(target, step)
  step.state.insideAlias--
  return { ...found, ...place }
}

function remember(node: Node | null, state: Walk): void {
  const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined
  if (anchor !== undefined && isParsed(node)) state.anchors.set(anchor, node)
}

function isParsed(node: Node | null): node is ParsedNode {
  return node !== null && node.range !== null && node.range !== undefined
}

/** Reports a too large thing once, and stands for nothing. */
function refuse(place: { at: number; keyAt?: number }, step: Step, message: string): Located {
  const { problems } = step.state
  if (!problems.some((problem) => problem.message === message))
    problems.push({ at: place.at, path: step.path, message })
  return { ...place, content: { kind: 'scalar', value: null } }
}
