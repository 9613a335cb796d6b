import type { Gateway } from '#src/pipeline/gateway.ts'

/** A gateway that is only asked to explain, as if it were then. `now`: ms since 1970. */
export function gatewayAt(gateway: Gateway, now: number): Gateway {
  const { ports } = gateway
  return { ...gateway, ports: { ...ports, clock: { ...ports.clock, now: () => now } } }
}
