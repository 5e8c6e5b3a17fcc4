/** Never says 100 % of what is not sure, nor 0 % of what may come. */
export function percentOf(probability: number): string {
  if (probability >= 1) return '100'
  if (probability <= 0) return '0'
  const percent = Math.round(probability * 100)
  return percent >= 100 ? '>99' : percent <= 0 ? '<1' : String(percent)
}
