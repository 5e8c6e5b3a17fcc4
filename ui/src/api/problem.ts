/**
 * What went wrong, as a value that a page can show.
 * The scheduler answers with RFC 9457 problem+json in two languages; a network failure becomes the same shape.
 */
export type ProblemCategory =
  | 'network'
  | 'invalid_input'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'too_many'
  | 'unavailable'
  | 'unexpected'

export interface Problem {
  readonly status: number
  /** The scheduler's own word for it; pages compare status, not this. */
  readonly category: string
  readonly title: string
  readonly titleVi: string
  readonly detail: string
  readonly detailVi: string
}

/** Thrown by every function of src/api, and by nothing else there. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail === '' ? problem.title : problem.detail)
    this.name = 'ApiError'
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem
  const text = error instanceof Error ? error.message : String(error)
  return { status: 0, category: 'unexpected', title: text, titleVi: text, detail: '', detailVi: '' }
}

const statusCategories: Partial<Record<number, ProblemCategory>> = {
  400: 'invalid_input',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  412: 'conflict',
  413: 'too_large',
  422: 'invalid_input',
  429: 'too_many',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
}

export const networkProblem: Problem = {
  status: 0,
  category: 'network',
  title: '',
  titleVi: '',
  detail: '',
  detailVi: '',
}

/** Reads a problem from a response's body; a body that is no problem+json still gives a category from the status. */
export function parseProblem(status: number, body: string): Problem {
  let members: Record<string, unknown> = {}
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null) members = parsed as Record<string, unknown>
  } catch {
    // A proxy in front may answer in HTML; the status then says all we know.
  }
  const text = (name: string) => (typeof members[name] === 'string' ? members[name] : '')
  const title = text('title')
  const detail = text('detail')
  return {
    status,
    category: text('category') || (statusCategories[status] ?? 'unexpected'),
    title,
    titleVi: text('title_vi') || title,
    detail,
    detailVi: text('detail_vi') || detail,
  }
}

/** Status -> key of a sentence in the locale files, for problems that bring no text of their own. */
export function categoryOf(problem: Problem): ProblemCategory {
  if (problem.category === 'network') return 'network'
  return statusCategories[problem.status] ?? 'unexpected'
}
