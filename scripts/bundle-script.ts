// src/worker.ts as one module, without its configuration.
import { join } from 'node:path'
import { build } from 'esbuild'
import { minify } from 'terser'

const ROOT = join(import.meta.dirname, '..')

/** The module beside the bundle that it imports its configuration from. */
export const CONFIGURATION = 'configuration.txt'

export interface BundleOptions {
  /** Takes seconds more and a twenty-fifth of its weight. */
  readonly light: boolean
  /** Modules that are other files in it. */
  readonly aliases?: Readonly<Record<string, string>>
}

/** Minified, with what Cloudflare's runtime brings left outside. Rejects with the bundler's own words. */
export async function bundleScript({ light, aliases = {} }: BundleOptions): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/worker.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    define: { 'process.env.NODE_ENV': '"production"', 'navigator.userAgent': '"Cloudflare-Workers"' },
    external: ['cloudflare:*', `./${CONFIGURATION}`],
    alias: { ...aliases },
    // Nothing reads a function's name at run time but stack traces, and keeping them all weighs 23 KB gzip.
    minify: true,
    logLevel: 'silent',
  })
  const text = outputFiles[0]?.text ?? ''
  if (!light) return text
  const { code = text } = await minify(text, { module: true, ecma: 2020, format: { comments: false } })
  return code
}
