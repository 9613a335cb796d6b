import { foldModel, foldText } from '#src/core/fold.ts'
import type { Facts } from '#src/core/facts.ts'
import type { CatalogData } from './data.ts'

/** Who made a model and from what. undefined is unknown; an empty lineage says none. */
export type Identity = Pick<Facts, 'developer' | 'family' | 'lineage' | 'license' | 'openWeights'>

export interface Identifier {
  /** Of an id that a catalogued vendor lists: what it is. What stands before the last slash must agree with what the name claims. */
  listed(id: string): Identity
  /** Of any name: what it suggests, if it suggests anybody. */
  suggested(name: string): Identity | undefined
  /** Of an id that no list has, at a vendor that serves its own models alone (`HOUSES`). A tuned one comes from nobody knows what. */
  inHouse(house: string | undefined, id: string): Identity | undefined
  /** The maker that a path names: `meta-llama/x` meta, `x` none, `somebody/x` foreign. */
  maker(name: string): string
}

interface Mark {
  readonly words: readonly string[]
  readonly atStart: boolean
  readonly identity: Identity
}

/** Compiles the curated rules once. */
export function createIdentifier(
  data: Pick<CatalogData, 'rules' | 'marks' | 'startMarks' | 'makers' | 'neutral'>,
): Identifier {
  const makers = new Map(Object.entries(data.makers))
  const rules = rulesOf(data.rules)
  const common = commonOf(data.rules)
  const longest = Math.max(0, ...[...rules.keys()].map((key) => key.length))
  const marks = [...marksOf(data.marks, false), ...marksOf(data.startMarks, true)]

  const byName = (folded: string, skip?: ReadonlySet<string>): Identity | undefined => {
    const whole = rules.get(`=${folded}`)
    if (whole !== undefined) return whole
    for (let length = Math.min(folded.length, longest); length > 0; length--) {
      const start = folded.slice(0, length)
      const rule = skip?.has(start) === true ? undefined : rules.get(start)
      if (rule !== undefined) return rule
    }
    return undefined
  }
  const byMark = (name: string, folded: string): Identity | undefined => {
    const whole = foldText(name)
    return marks.find(({ words, atStart }) =>
      words.every((word) => (atStart ? folded.startsWith(word) : whole.includes(word))),
    )?.identity
  }
  const makerOf = (name: string) => makerIn(name, { makers, neutral: data.neutral })

  function suggested(name: string): Identity | undefined {
    const folded = foldModel(name)
    // The whole as well: in `믿:음` and `Mi:dm` the colon is part of the name.
    const names = [folded, withoutMaker(folded, makers), foldText(name)]
    const found =
      byMark(name, folded) ?? names.map((each) => byName(each, common)).find((identity) => identity !== undefined)
    if (found !== undefined) return found
    const maker = makerOf(name)
    return maker === 'none' || maker === 'foreign' ? undefined : { developer: maker }
  }

  return {
    suggested,
    maker: makerOf,
    inHouse(house, id) {
      if (house === undefined || [':', '/'].some((mark) => id.includes(mark))) return undefined
      // A word that is common elsewhere is a name here.
      const said = suggested(id) ?? byName(foldModel(id))
      return said?.developer === house ? said : undefined
    },
    listed(id) {
      const folded = foldModel(id)
      const marked = byMark(id, folded)
      if (marked !== undefined) return marked
      const dotted = dottedName(id, makers)
      if (dotted !== undefined) {
        const rule = byName(foldModel(dotted.name))
        return rule?.developer === dotted.maker ? rule : { developer: dotted.maker }
      }
      // The whole as well: of `chat-latest` folding leaves nobody's name.
      const rule = byName(folded) ?? byName(foldText(id))
      const maker = makerOf(id)
      if (maker === 'none' || rule?.developer === maker) return rule ?? {}
      return maker === 'foreign' ? {} : { developer: maker }
    },
  }
}

function makerIn(name: string, known: { makers: ReadonlyMap<string, string>; neutral: readonly string[] }): string {
  const colon = name.indexOf(':')
  const parts = (colon > 0 ? name.slice(0, colon) : name).split('/').slice(0, -1).map(foldText)
  const claims = parts.filter((part) => part !== '' && !known.neutral.includes(part))
  const last = claims.at(-1)
  return last === undefined ? 'none' : (known.makers.get(last) ?? 'foreign')
}

/** Where Bedrock's inference profiles run, before a model's own id. */
const PLACES: ReadonlySet<string> = new Set('us us-gov eu apac jp au ca in global'.split(' '))

/** A model's own id: an inference profile has a place before it (`apac.anthropic.claude-sonnet-4-6-v1:0`). */
export function withoutPlace(id: string): string {
  const dot = id.indexOf('.')
  return PLACES.has(id.slice(0, Math.max(0, dot))) ? id.slice(dot + 1) : id
}

/** What Bedrock's ids say: the maker before a dot, the maker's own name behind it. */
function dottedName(
  id: string,
  makers: ReadonlyMap<string, string>,
): { readonly maker: string; readonly name: string } | undefined {
  const own = withoutPlace(id)
  const dot = own.indexOf('.')
  const maker = own.includes('/') ? undefined : makers.get(foldText(own.slice(0, Math.max(0, dot))))
  return maker === undefined ? undefined : { maker, name: own.slice(dot + 1) }
}

/** Bedrock writes the maker before a dot: `meta.llama3-8b` is folded to `metallama38b`. */
function withoutMaker(folded: string, makers: ReadonlyMap<string, string>): string {
  for (const maker of makers.keys())
    if (folded.startsWith(maker) && folded.length > maker.length) return folded.slice(maker.length)
  return ''
}

function rulesOf(lines: string): Map<string, Identity> {
  const rules = new Map<string, Identity>()
  for (const [names = '', ...cells] of rows(lines)) {
    for (const name of names.split(' ')) rules.set(name.startsWith('?') ? name.slice(1) : name, identityOf(cells))
  }
  return rules
}

function commonOf(lines: string): ReadonlySet<string> {
  const names = rows(lines).flatMap(([cell = '']) => cell.split(' '))
  return new Set(names.filter((name) => name.startsWith('?')).map((name) => name.slice(1)))
}

function marksOf(lines: string, atStart: boolean): Mark[] {
  return rows(lines).map(([words = '', ...cells]) => ({
    words: words.split(' '),
    atStart,
    identity: identityOf(cells),
  }))
}

function identityOf([developer = '', family = '', lineage = '', license = '', open = '']: readonly string[]): Identity {
  return {
    developer,
    family,
    ...(lineage === '' ? {} : { lineage: lineage === '-' ? [] : lineage.split(',') }),
    ...(license === '' ? {} : { license }),
    ...(open === '' ? {} : { openWeights: open === 'y' }),
  }
}

/** The lines of a text table, split into cells. */
export function rows(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => line.split('|'))
}
