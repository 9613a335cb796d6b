import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './machine.ts'

/** What the bench installs for itself, where git and npm do not look. */
const CACHE = join(ROOT, 'node_modules', '.cache', 'tutti-bench')

export interface Peer {
  readonly version: string
  /** The program to run. */
  readonly program: string
}

/** The published Portkey gateway, installed on first use. Throws where the registry cannot be reached. */
export function portkey(): Peer {
  const folder = install('portkey', '@portkey-ai/gateway@1.15.2')
  const home = join(folder, '@portkey-ai', 'gateway')
  return { version: versionOf(home), program: join(home, 'build', 'start-server.js') }
}

/** Bun, installed on first use: its program lies in the package of this machine's kind. */
export function bun(): Peer {
  const folder = install('bun', 'bun@1.4.5')
  const [kind = ''] = readdirSync(join(folder, '@oven'))
  return { version: versionOf(join(folder, 'bun')), program: join(folder, '@oven', kind, 'bin', 'bun') }
}

/** Exact versions and no install scripts. Gives the folder of the installed packages. */
function install(name: string, spec: string): string {
  const folder = join(CACHE, name)
  const packages = join(folder, 'node_modules')
  const mark = join(folder, 'installed')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === spec) return packages
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', spec]
  execFileSync('npm', args, { cwd: folder, stdio: 'ignore', timeout: 180_000 })
  writeFileSync(mark, spec)
  return packages
}

function versionOf(folder: string): string {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
}
