/** Search as people type it on a phone: without marks, in any case ("phuong me tri" finds "Phường Mễ Trì"). */
export function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .replace(/đ/g, 'd')
    .replace(/Đ/g, 'D')
    .toLowerCase()
    .trim()
}

export function matches(wanted: string, ...texts: readonly string[]): boolean {
  const words = plain(wanted).split(/\s+/)
  const all = plain(texts.join(' '))
  return words.every((word) => all.includes(word))
}
