import { type HostKind, hostKind } from './address.ts'

export type CheckedUrl =
  | {
      readonly ok: true
      /** Without a trailing slash. */ readonly baseUrl: string
      readonly hostname: string
      readonly kind: HostKind
    }
  | { readonly ok: false; readonly message: string; readonly mend: string }

/**
 * The address of a provider, or of whoever else is sent texts (`name` is its field): http or https, nothing but host, port and path, no private
 * address unless `local` is meant, and plain http only where the house's own network carries it. Messages hold nothing of the address, which may
 * come from the environment.
 */
export function checkBaseUrl(text: string, local: boolean, name = 'baseUrl'): CheckedUrl {
  const url = parse(text)
  if (url === undefined) return no(`\`${name}\` is not a URL`, 'write one like `https://api.example.com/v1`')
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return no(`\`${name}\` must begin with \`https://\` or \`http://\``, 'change its scheme')
  if (text.includes('?') || text.includes('#'))
    return no(`\`${name}\` must not hold a query or a fragment`, 'remove what follows the path')
  // An empty user name leaves no trace but its `@`; one in the path is a letter like any other.
  if (url.username !== '' || url.password !== '' || marks(text) > marks(url.pathname)) {
    return no(`\`${name}\` must not hold a user name or password`, 'put the credential into `apiKey`')
  }
  const hostname = withoutDot(url.hostname)
  if (isChatProduct(hostname))
    return no(CHATGPT, 'use the API platform: `baseUrl: https://api.openai.com/v1` with an API key')
  const kind = hostKind(hostname)
  if ((kind === 'loopback' || kind === 'private') && !local) {
    return no(`\`${name}\` is a private, loopback or link-local address`, 'write `local: true` if that is meant')
  }
  if (url.protocol === 'http:' && !local)
    return no(`\`${name}\` would send the key and every prompt in the clear`, 'use `https://`')
  return { ok: true, baseUrl: withoutSlashes(url.href), hostname, kind }
}

const CHATGPT =
  '`chatgpt.com` is refused as a backend: ChatGPT, ChatGPT Enterprise included, is a product sold by the seat and has no inference API'

function marks(text: string): number {
  return text.split('@').length
}

function isChatProduct(hostname: string): boolean {
  return ['chatgpt.com', 'chat.openai.com'].some((name) => hostname === name || hostname.endsWith(`.${name}`))
}

/** The URL parser drops tabs and newlines and turns backslashes round; an address that needs that is a mistake or a trick. */
function parse(text: string): URL | undefined {
  for (const char of text) if (char <= ' ' || char === '\\' || char === '\u007F') return undefined
  return URL.canParse(text) ? new URL(text) : undefined
}

function no(message: string, mend: string): CheckedUrl {
  return { ok: false, message, mend }
}

function withoutDot(hostname: string): string {
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname
}

function withoutSlashes(href: string): string {
  let end = href.length
  while (href[end - 1] === '/') end--
  return href.slice(0, end)
}
