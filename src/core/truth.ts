/** Three values: what is not known is neither true nor false (INTERFACE.md section 9). */
export type Truth = true | false | 'unknown'

/** Any may hold: true if any is true, else unknown if any is, else false. */
export function any(values: Iterable<Truth>): Truth {
  let result: Truth = false
  for (const value of values) {
    if (value === true) return true
    if (value === 'unknown') result = 'unknown'
  }
  return result
}
