/** A file with thousands of names and thousands of slips must not hold up a reload. */
const MAX_LOOKED_AT = 500

/** The known name that a person most likely meant, or undefined when none is near. Case is no difference. */
export function nearest(written: string, known: Iterable<string>): string | undefined {
  const wanted = written.toLowerCase().slice(0, 64)
  let best: string | undefined
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1
  let looked = 0
  for (const name of known) {
    if (++looked > MAX_LOOKED_AT) break
    const begun = wanted.length > 2 && name.toLowerCase().startsWith(wanted)
    const size = begun ? 1 : distance(wanted, name.toLowerCase().slice(0, 64))
    if (size < least) {
      least = size
      best = name
    }
  }
  return best
}

/** `, did you mean \`x\`?`, or nothing. */
export function didYouMean(written: string, known: Iterable<string>): string {
  const name = nearest(written, known)
  return name === undefined ? '' : `, did you mean \`${name}\`?`
}

/** Edits between two words: insert, delete, replace, or swap two neighbours. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const step = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(swapped ? Math.min(step, at(before, j - 2) + 1) : step)
    }
    before = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
