import type { Key } from '#src/core/key.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { judgeAlways } from './judge.ts'
import { permits } from './permit.ts'

/** Whether a caller is shown a name: the key may use it, and the rules leave a target of it. */
function isVisible(snapshot: Snapshot, key: Key | undefined, name: string): boolean {
  const written = snapshot.targets.get(name)
  const targets = snapshot.routes.get(name)?.targets.map(({ target }) => target) ?? (written ? [written] : [])
  return targets.some((target) => judgeAlways(snapshot, key, target).objections.length === 0)
}

function* permittedNames(snapshot: Snapshot, key: Key | undefined): Generator<string> {
  for (const name of snapshot.routes.keys()) if (permits(key, name)) yield name
  if (!snapshot.direct) return
  for (const name of snapshot.targets.keys()) if (!snapshot.routes.has(name) && permits(key, name)) yield name
}

/** Longer names and more candidates than these are not compared: a wrong name must stay cheap. */
const MAX_LENGTH = 96
const MAX_NAMES = 256
const SHOWN = 3

/** The names nearest to a wrong one, of those that the caller may see; an upstream's own id finds its `provider/model`. */
export function nearestNames(snapshot: Snapshot, key: Key | undefined, wrong: string): readonly string[] {
  if (wrong.length > MAX_LENGTH) return []
  const wanted = wrong.toLowerCase()
  const near: { name: string; size: number }[] = []
  let compared = 0
  for (const name of permittedNames(snapshot, key)) {
    if (++compared > MAX_NAMES) break
    const size = difference(wanted, name.toLowerCase())
    if (size <= Math.max(1, Math.floor(wanted.length / 3))) near.push({ name, size })
  }
  near.sort((a, b) => a.size - b.size)
  const shown: string[] = []
  for (const { name } of near) {
    if (shown.length === SHOWN) break
    if (isVisible(snapshot, key, name)) shown.push(name)
  }
  return shown
}

function difference(wanted: string, name: string): number {
  if (name.length > MAX_LENGTH) return Infinity
  if (name.endsWith(`/${wanted}`) || wanted.endsWith(`/${name}`)) return 0
  return Math.abs(wanted.length - name.length) > wanted.length / 3 ? Infinity : edits(wanted, name)
}

/** Edit distance: letters to insert, delete or replace. */
function edits(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    above = current
  }
  return above[b.length] ?? 0
}
