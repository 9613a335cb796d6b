/** Where a line of the decision log stands: which instance of tutti wrote it, as the how-manieth from 0, after which line. */
export interface Link {
  readonly instance: string
  readonly seq: number
  /** `hash` of the instance's line before it; NO_LINE for the first. */
  readonly prev: string
}

/** The `prev` of a chain's first line. */
export const NO_LINE = '0'.repeat(64)

const BEFORE = ',"hash":"'
const AFTER = '"}'

/** Characters of what stands behind the part that is hashed. */
const SEAL = BEFORE.length + NO_LINE.length + AFTER.length

/** A record and its link, as the text that the line's hash is over. `record` is one JSON object that is not empty. */
export function linked(record: string, { instance, seq, prev }: Link): string {
  return `${record.slice(0, -1)},"instance":"${instance}","seq":${seq},"prev":"${prev}"`
}

/** The whole line, without its end. `hash` is SHA-256 over `text`'s UTF-8 bytes, in lower-case hex. */
export function sealed(text: string, hash: string): string {
  return `${text}${BEFORE}${hash}${AFTER}`
}

/** A line's two parts again; undefined: it does not end as `sealed` ends it. Whether they belong together is not asked. */
export function unsealed(line: string): { readonly text: string; readonly hash: string } | undefined {
  const at = line.length - SEAL
  if (at < 0 || !line.startsWith(BEFORE, at) || !line.endsWith(AFTER)) return undefined
  return { text: line.slice(0, at), hash: line.slice(at + BEFORE.length, -AFTER.length) }
}
