import type { Signature } from './conversation.ts'
import { hash } from './seed.ts'

/**
 * Signatures travel through callers who must send them back unread. One of the dialect's own vendor stands as it is; another's carries its
 * vendor's name in front, and a mark of the account that gave it, so that it finds its way home and never reaches anybody else.
 */
const MARK = 'tutti.'
/** The same in base64: some dialects' signatures are nothing else. */
export const MARK_BASE64 = 'dHV0dGku'

/** Between a vendor and the mark of an account. */
const AT = '@'

/** A signature as text in a dialect whose own vendor is `own`. */
export function writeSignature({ vendor, value, account }: Signature, own: string): string {
  if (vendor === own) return value
  return `${MARK}${vendor}${account === undefined ? '' : AT + account}.${value}`
}

/** What stands for an account (`provider/account`): its name is nothing that callers need to know. */
export function accountMark(owner: string): string {
  return (hash(owner) >>> 0).toString(36)
}

/** True where a request carries a signature that this account gave. */
export function holdsOf(text: string, owner: string): boolean {
  return text.includes(`${AT}${accountMark(owner)}.`)
}

/** The signature that such a text is. */
export function readSignature(text: string, own: string): Signature {
  if (!text.startsWith(MARK)) return { vendor: own, value: text }
  const end = text.indexOf('.', MARK.length)
  if (end < 0) return { vendor: own, value: text }
  const [vendor = '', account] = text.slice(MARK.length, end).split(AT)
  return { vendor, value: text.slice(end + 1), ...(account !== undefined && { account }) }
}

/** The members that hold signatures. Elsewhere a text may begin as it likes: `tutti.yaml`. */
const MEMBERS = ['signature', 'data', 'thoughtSignature', 'thought_signature', 'encrypted_content']
/** More than such a member's name and spaces around it. */
const NEAR = 64

/** A thought without a signature, as tutti writes it in Anthropic's dialect: its vendor would refuse it. */
const UNSIGNED = [
  ['"type":"thinking"', '"signature":""'],
  ['"type": "thinking"', '"signature": ""'],
] as const

/** True for a request that carries back through a dialect what its own vendor did not sign. */
export function holdsForeign(text: string): boolean {
  if (UNSIGNED.some((marks) => marks.every((mark) => text.includes(mark)))) return true
  return [`"${MARK}`, `"${MARK_BASE64}`].some((mark) => {
    let at = text.indexOf(mark)
    while (at >= 0 && !isSignature(text, at)) at = text.indexOf(mark, at + mark.length)
    return at >= 0
  })
}

function isSignature(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - NEAR), at).trimEnd()
  if (!before.endsWith(':')) return false
  const name = before.slice(0, -1).trimEnd()
  return MEMBERS.some((member) => name.endsWith(`"${member}"`))
}
