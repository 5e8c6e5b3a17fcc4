/** MOCK. Vietnam has one offset, UTC+7, all year: enough for a mock. */
const offsetMilliseconds = 7 * 3_600_000

export function localToday() {
  return new Date(Date.now() + offsetMilliseconds).toISOString().slice(0, 10)
}

export function addDays(date, days) {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

export function sessionTimes(date, time, seconds) {
  const starts = Date.parse(`${date}T${time}:00Z`) - offsetMilliseconds
  return { starts, ends: starts + seconds * 1000 }
}

export function monthsEndingWith(month, count) {
  const months = []
  const [year, number] = month.split('-').map(Number)
  for (let back = count - 1; back >= 0; back -= 1) {
    months.push(new Date(Date.UTC(year, number - 1 - back, 1)).toISOString().slice(0, 7))
  }
  return months
}
