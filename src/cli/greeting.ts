/** `tutti serve` says where it listens on the same output, and npm what it runs: lines that no JSON begins with. */
export function isGreeting(line: string): boolean {
  return ['tutti ', '  ', '> '].some((start) => line.startsWith(start)) && !line.trimStart().startsWith('{')
}
