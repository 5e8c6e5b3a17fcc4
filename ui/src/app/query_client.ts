import { QueryClient } from '@tanstack/react-query'
import { ApiError } from '@/api/problem'

/** Retries what may pass by itself (network, 5xx); an answer such as 403 or 404 stays an answer. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) =>
        failures < 2 &&
        error instanceof ApiError &&
        (error.problem.status === 0 || error.problem.status >= 500),
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
})
