/** The part of Cloudflare's own module that the worker uses. */
declare module 'cloudflare:workers' {
  export class DurableObject<Context = unknown, Env = unknown> {
    protected readonly ctx: Context
    protected readonly env: Env
    constructor(ctx: Context, env: Env)
  }
}
