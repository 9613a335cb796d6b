import type { Subject } from './context-words.ts'
import { isWord } from './view.ts'
import type { Context } from './context.ts'
import { standsAlone, type Groups } from './groups.ts'
import type { PiiType } from './types.ts'

/** Some groups of digits that follow each other: what a judge looks at. */
export interface Window {
  readonly text: string
  readonly start: number
  readonly end: number
  /** All digits, without what parts them. */
  readonly digits: string
  /** How long each group is: `6-7`. */
  readonly shape: string
  /** The separators inside, as bits of `groups.ts`. */
  readonly separators: number
  /** Whether the first digit stood in the original as a word. */
  readonly worded: boolean
  near(subject: Subject): boolean
  owns(subject: Subject, other: Subject): boolean
  /** See `standsAlone`. */
  alone(): boolean
}

export interface Verdict {
  readonly type: PiiType
  /** By a strong form or a context word. */
  readonly sure: boolean
}

export type Judge = (window: Window) => Verdict | undefined

/** Shapes, the first digits that they may have, and the judge of what has them; several for one shape are several candidates. */
export type Shapes = readonly (readonly [shapes: string, firsts: string, judge: Judge])[]

export const ANY_DIGIT = '0123456789'

interface Entry {
  readonly firsts: string
  readonly judge: Judge
}

interface Node {
  readonly entries: Entry[]
  readonly next: (Node | undefined)[]
}

const LONGEST_GROUP = 19

/** All shapes as a tree by the length of each group: from a group, only as many steps are made as some shape has. */
export function treeOf(shapes: Shapes): Node {
  const root: Node = { entries: [], next: [] }
  for (const [list, firsts, judge] of shapes)
    for (const shape of list.split(' ')) {
      let node = root
      for (const length of shape.split('-')) node = node.next[Number(length)] ??= { entries: [], next: [] }
      node.entries.push({ firsts, judge })
    }
  return root
}

/** What the scanners of groups share. */
export interface Scan {
  readonly groups: Groups
  readonly context: Context
  /** The unit of the original at a place of the view. */
  original(at: number): number
  found(verdict: Verdict, start: number, end: number): void
}

/** Asks the judges of every shape that begins with group `first`. */
export function judgeShapes(tree: Node, scan: Scan, first: number): void {
  const { text, starts, ends, separators } = scan.groups
  const digit = text[starts[first] ?? 0] ?? ''
  let node: Node | undefined = tree
  let mask = 0
  for (let last = first; last < starts.length; last++) {
    const length = (ends[last] ?? 0) - (starts[last] ?? 0)
    node = length > LONGEST_GROUP ? undefined : node?.next[length]
    if (node === undefined) return
    if (node.entries.some(({ firsts }) => firsts.includes(digit)))
      judgeWindow(node.entries, windowOf(scan, { first, last, mask }), scan)
    const separator = separators[last] ?? 0
    if (separator === 0) return
    mask |= separator
  }
}

function judgeWindow(entries: readonly Entry[], window: Window, scan: Scan): void {
  const digit = window.digits[0] ?? ''
  for (const { firsts, judge } of entries) {
    const verdict = firsts.includes(digit) ? judge(window) : undefined
    if (verdict !== undefined) scan.found(verdict, window.start, window.end)
  }
}

/** Groups `first` to `last` as a window. */
export function windowOf(scan: Scan, { first, last, mask }: { first: number; last: number; mask: number }): Window {
  const { groups, context } = scan
  const { text } = groups
  const start = groups.starts[first] ?? 0
  const end = groups.ends[last] ?? 0
  let digits = text.slice(start, groups.ends[first])
  let shape = `${digits.length}`
  for (let at = first + 1; at <= last; at++) {
    const part = text.slice(groups.starts[at], groups.ends[at])
    digits += part
    shape += `-${part.length}`
  }
  return {
    text,
    start,
    end,
    digits,
    shape,
    separators: mask,
    worded: isWord(scan.original(start)),
    near: (subject) => context.near(subject, start, end),
    owns: (subject, other) => context.owns(subject, other, { start, end }),
    alone: () => standsAlone(text, start, end),
  }
}

/** True where nothing parts the groups but what `allowed` names, as bits. */
export function onlyBy(window: Window, allowed: number): boolean {
  return (window.separators & ~allowed) === 0
}
