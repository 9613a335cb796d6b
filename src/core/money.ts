/** Nano-USD: one US dollar is 1_000_000_000n. Money is never a float (ARCHITECTURE.md, decision 5). */
export type NanoUsd = bigint

const NANO = 1_000_000_000n

/** Dollars as a person writes them (`0.017`, `100`) to nano-USD, exactly: read by its decimal digits; finer than a nano rounds up. */
export function usd(amount: number): NanoUsd {
  if (!Number.isFinite(amount)) throw new RangeError(`not an amount of money: \`${amount}\``)
  const text = decimalDigits(Math.abs(amount))
  const [whole = '0', fraction = ''] = text.split('.')
  const nano = BigInt(whole) * NANO + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  const rounded = hasNonZero(fraction.slice(9)) ? nano + 1n : nano
  return amount < 0 ? -rounded : rounded
}

/** Nano-USD as decimal text in USD, up to nine places, no trailing zeros: `0.00025`. */
export function formatUsd(nano: NanoUsd): string {
  const sign = nano < 0n ? '-' : ''
  const size = nano < 0n ? -nano : nano
  const whole = size / NANO
  const fraction = (size % NANO).toString().padStart(9, '0')
  let end = 9
  while (end > 0 && fraction.codePointAt(end - 1) === 48) end--
  return end === 0 ? `${sign}${whole}` : `${sign}${whole}.${fraction.slice(0, end)}`
}

/** Nano-USD as a JSON number in USD; exact below about nine million dollars. */
export function toUsdNumber(nano: NanoUsd): number {
  return Number(formatUsd(nano))
}

function decimalDigits(size: number): string {
  const text = String(size)
  // Exponents only appear below 1e-6 and from 1e21 up; 20 places are more than a nano needs.
  return text.includes('e') ? size.toFixed(20) : text
}

function hasNonZero(digits: string): boolean {
  for (const digit of digits) if (digit !== '0') return true
  return false
}
